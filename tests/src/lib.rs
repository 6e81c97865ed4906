//! What several tests of watchpost need.

pub mod server;

/// The code of the pages is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/configuration.md")]
struct Configuration;
#[cfg(doctest)]
#[doc = include_str!("../../docs/context.md")]
struct Context;
