//! What the product does, seen from outside.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod delivery;
mod secret_keys;
