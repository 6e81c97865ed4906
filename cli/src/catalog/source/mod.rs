//! The sources, read without a build.

mod attribute;
mod module;
mod package;
mod reader;

use std::path::Path;

use self::module::Module;
use self::package::Package;
use super::{Catalog, Unreadable};

impl Catalog {
    /// Reads the libraries and programs that stand in a directory: their modules as the compiler would find them, every
    /// feature on, tests left out. What macros write is not seen.
    ///
    /// # Errors
    /// There is no package, `cargo metadata` does not run, or a file is not Rust.
    pub fn of_source(directory: &Path) -> Result<Self, Unreadable> {
        let mut catalog = Self { version: 1, ..Self::default() };
        for package in Package::all_in(directory)? {
            Module::root(&package).read(&mut catalog)?;
        }
        Ok(catalog.sorted())
    }
}
