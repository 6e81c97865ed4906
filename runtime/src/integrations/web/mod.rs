//! What the integrations of web frameworks have in common: which requests are monitored and what is told of one, from its first poll
//! to its answer. Nothing here knows a framework, or a version of the `http` crate.

mod exchange;
mod path;
mod request;
mod settings;
mod words;

pub(super) use exchange::{Exchange, Failure, Known};
pub(super) use request::{Facts, Seen};
pub(super) use settings::{Settings, common_words};
