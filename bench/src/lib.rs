//! The same small function, instrumented by each peer, and what is needed to run it in each state.
//!
//! `cargo bench -p watchpost-bench` prints the table of times; `cargo run --release -p watchpost-bench --bin count` counts
//! instructions and allocations and fails where a limit is passed.

pub mod client;
pub mod errors;
pub mod goals;
pub mod measure;
pub mod peers;
pub mod states;
