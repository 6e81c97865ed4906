//! The library behind the `watchpost` command: a receiver that records what a program sends to Sentry, the report that tells a
//! person what was in it, and the page in the browser that follows it.
//!
//! Both serve programs and tests too. Without the default feature `bin` nothing of the command line comes along.

#[cfg(feature = "bin")]
pub mod alerts;
#[cfg(feature = "bin")]
pub mod catalog;
pub mod page;
pub mod receiver;
pub mod report;
#[cfg(feature = "bin")]
mod server;
#[cfg(feature = "bin")]
pub mod test;
#[cfg(feature = "bin")]
pub mod validate;

pub use receiver::Receiver;
pub use report::Report;
