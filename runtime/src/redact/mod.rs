//! What is secret, and what takes its place.

mod cover;
mod keys;
#[cfg(test)]
mod keys_tests;
mod redactor;
mod scan;
#[cfg(test)]
mod scan_tests;
mod siphash;
mod sql;
mod url;
mod walk;
#[cfg(test)]
mod walk_tests;
mod words;

pub use cover::Mode;
pub use redactor::Redactor;
pub use words::{Guarded, exposed, hashed, masked};
