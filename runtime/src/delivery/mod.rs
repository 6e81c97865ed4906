//! What leaves the process: hooks, redaction, enrichment, counting, sending; and the guard that waits for it.
//!
//! [`Delivery`] is a [`TransportFactory`](sentry_core::TransportFactory): it goes into `ClientOptions::transport`, and every envelope of that client
//! passes through it. The thread that captures only puts the envelope into a bounded queue, which never blocks. One
//! thread of ours does the rest, in this order: rate limits, the program's hooks, redaction, writing, copies (observers,
//! Spotlight), sending.
//!
//! The way to the server is our own rather than a wrapped transport of the SDK's: those rebuild every envelope and lose
//! its `trace` header, lose the per-category rate limits and loss reports of envelopes that are sent raw to save that
//! header, do not say what the server answered, and join a thread without a time limit when they are dropped. A transport
//! of the program's own can still be put behind ([`Destination::Transport`]); then what it was given is counted as handed
//! over, because nothing can be known of what became of it.
//!
//! Without a store (feature `spool`) what is not delivered is not tried again: rate limits, errors of the server and of the network drop the item, by its
//! reason, in [`Stats`], in [`FlushReport`] and in the client report that the next envelope carries.

mod carrier;
mod counts;
mod enrich;
mod guard;
mod hooks;
#[cfg(feature = "transport")]
mod http;
#[cfg(feature = "transport")]
mod limits;
mod losses;
mod queue;
mod sampling;
mod screen;
mod settings;
#[cfg(feature = "spool")]
mod spool;
#[cfg(feature = "transport")]
mod spotlight;
#[cfg(feature = "transport")]
mod store;
mod transport;
mod way;
mod wire;
mod worker;

pub use counts::{DropReason, FlushReport, Kind, Stats, Tally};
pub use guard::Guard;
pub use hooks::{Hooks, muted};
#[cfg(feature = "transport")]
pub use http::proxy_for;
pub use settings::{Destination, LOCAL_DSN, Settings};
#[cfg(feature = "spool")]
pub use spool::Spool;
#[cfg(feature = "transport")]
pub use store::Store;
pub use transport::{Delivery, Ledger, stats};
pub use worker::Observer;
