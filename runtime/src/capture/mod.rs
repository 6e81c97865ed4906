//! How an error becomes an event.

pub mod classify;
pub mod face;
