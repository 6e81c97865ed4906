//! What several tests of watchpost need.

pub mod server;
