//! What is secret, and what takes its place.
//!
//! A value does not leave when its key says that it is secret (`keys`), or when it looks like a secret wherever it stands (`scan`); a
//! statement leaves without its literals (`sql`), a database's error without the values that it quotes (`database`), a URL without credentials (`url`). [`Redactor`] has the rules and goes over everything
//! that is sent (`walk`). [`masked`], [`hashed`] and [`exposed`] are what a programmer says about a value with a secret key.
//!
//! All of it is pure: text in, text out, and the number of values redacted. What is too deep or too long to be looked through is
//! replaced.

mod cover;
mod database;
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
