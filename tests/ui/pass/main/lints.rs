#![deny(warnings)]
#![no_implicit_prelude]
#![forbid(unsafe_code)]

/// A local module of the runtime's name does not matter.
#[allow(dead_code)]
mod core {}

#[cfg(not(any()))]
#[::watchpost::main(configure = |config| config.storm_limit(3), on_config_error = "continue")]
#[cfg(not(any()))]
#[cfg_attr(not(any()), inline(never))]
pub(crate) fn main() -> ::std::result::Result<(), ::std::boxed::Box<dyn ::std::error::Error>> {
    ::std::result::Result::Ok(())
}
