//! What `#[watchpost::main]` does around the program's own `main`.

use std::process::{Termination, exit};

use crate::config::Release;
use crate::{Config, Guard};

/// What happens where the configuration is wrong. Either way everything that is wrong is told on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConfigError {
    /// The program ends, with exit code 2.
    Exit,
    /// It runs, without monitoring.
    Continue,
}

/// The exit code of a program whose configuration is wrong: that of a program which was called in a wrong way.
const WRONG_CONFIGURATION: i32 = 2;

/// Starts monitoring, with what the environment says and what `configure` makes of it.
pub fn start(release: Release, on_error: OnConfigError, configure: impl FnOnce(Config) -> Config) -> Option<Guard> {
    let config = Config::from_env().map(|config| configure(config.default_release(release)));
    match config.and_then(Config::init) {
        Ok(guard) => Some(guard),
        Err(errors) => {
            eprintln!("{errors}");
            match on_error {
                OnConfigError::Exit => exit(WRONG_CONFIGURATION),
                OnConfigError::Continue => None,
            }
        }
    }
}

/// Runs the program. The bound is what the compiler asks of `main`; a future that nobody polls does not meet it.
#[inline]
pub fn run<R: Termination>(main: impl FnOnce() -> R) -> R {
    main()
}
