//! What is secret, and what takes its place.

mod keys;
#[cfg(test)]
mod keys_tests;
mod redactor;
mod words;

pub use redactor::{Mode, Redactor};
pub use words::{Guarded, exposed, hashed, masked};
