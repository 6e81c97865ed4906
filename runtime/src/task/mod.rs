//! Background jobs: what a queue's message carries, and what a run tells of itself.

mod baggage;
mod builder;
mod checkin;
mod headers;
mod history;
pub(crate) mod info;
mod publish;
mod run;

pub use baggage::Baggage;
pub use builder::{Failure, TaskBuilder, task};
pub use headers::{TraceHeaders, TraceParent};
pub(crate) use history::History;
pub(crate) use info::Info;
pub use info::{Count, IntoTrace};
pub use publish::{publish, publish_async};
pub(crate) use run::{Outcome, Run};
