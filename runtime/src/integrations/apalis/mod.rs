//! Jobs of [apalis](https://docs.rs/apalis) 1.0: each attempt is a task, in the trace of whoever pushed the job.
//!
//! [`MonitorLayer`] goes below the layer that retries, so that it sees each attempt:
//!
//! ```
//! use apalis_core::backend::memory::MemoryStorage;
//! use apalis_core::worker::builder::WorkerBuilder;
//! use watchpost::apalis::MonitorLayer;
//!
//! # #[derive(Clone)] struct Email;
//! async fn send_email(email: Email) -> Result<(), std::io::Error> {
//! # let _ = email;
//!     Ok(())
//! }
//!
//! let worker = WorkerBuilder::new("mailer")
//!     .backend(MemoryStorage::new())
//!     // .retry(RetryPolicy::retries(2)) of the crate `apalis`
//!     .layer(MonitorLayer::new("send_email").max_attempts(3))
//!     .build(send_email);
//! # drop(worker);
//! ```
//!
//! The producer sends its trace along in the job's metadata:
//!
//! ```
//! use apalis_core::backend::TaskSink;
//! use apalis_core::backend::memory::MemoryStorage;
//! use apalis_core::task::builder::TaskBuilder;
//! use watchpost::apalis::TraceMetadata;
//!
//! # #[derive(Clone)] struct Email;
//! # async fn example() {
//! let mut storage = MemoryStorage::new();
//! let pushed = watchpost::publish_async("emails", |trace| {
//!     storage.push_task(TaskBuilder::new(Email).metadata(&TraceMetadata::from(trace)).build())
//! })
//! .await;
//! # let _ = pushed;
//! # }
//! ```
//!
//! What the layer makes of an attempt is what `#[monitored_task]` makes of it; a handler has the one or the other, not both.
//! `#[capture_errors]` and `#[monitor_performance]` on handlers are welcome: with the first, the event knows the error's type and the
//! arguments, and is still held back until the last attempt.

mod layer;
mod metadata;

pub use layer::{MonitorLayer, MonitorService};
pub use metadata::TraceMetadata;
