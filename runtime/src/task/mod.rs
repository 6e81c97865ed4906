//! Background jobs: what a queue's message carries, and what a run tells of itself.

mod baggage;
pub(crate) mod checkin;
mod headers;

pub use baggage::Baggage;
pub use headers::{TraceHeaders, TraceParent};
