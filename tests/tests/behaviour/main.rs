//! What the product does, seen from outside.

mod delivery;
mod secret_keys;
