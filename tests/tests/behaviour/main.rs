//! What the product does, seen from outside.

mod secret_keys;
mod spans;
mod spans_async;
