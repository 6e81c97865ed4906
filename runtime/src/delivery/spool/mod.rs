//! The offline spool: a bounded folder for what cannot be delivered now, or not by this process any more.
//!
//! With a spool every envelope is written to a file, once it is redacted, before it is sent, and the file goes when the
//! server's answer was read. So a process that is killed loses what it had not written yet: what was captured in the
//! moment before. A file is written under another name first, so that there is no half of one.
//!
//! Tried again is what the server could not be given (no network, no answer, 5xx) with growing pauses up to a minute, and
//! what it asked not to be sent, when that time is over; errors, check-ins and sessions before transactions, logs and
//! metrics, each oldest first. What it refuses for good (4xx) is dropped, and what it answers with 5xx time and again
//! while it takes others. An envelope arrives twice only where the answer to the first try was never read.
//!
//! ```text
//! FOLDER/ACCOUNT/p-ID.lock                    held by the process while it lives
//! FOLDER/ACCOUNT/p-ID/LANE-CREATED-NUMBER.env a line about the envelope, then the envelope
//! ```
//!
//! Each process has a folder of its own and holds its lock; what processes left behind is moved over by one that gets
//! their lock, at its start and every half minute. `ACCOUNT` stands for the DSN. All of them together keep to the bound:
//! the oldest of a process's own makes room. Nothing is synchronised to the disk: it survives the process, and not always the
//! machine's power.

mod file;
mod home;
mod index;
mod sender;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use self::home::Home;
use self::sender::Shared;
use super::store::{Keep, Open, Store, Way};

/// The size of a spool that nobody has said a size of.
const DEFAULT_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// A folder that keeps what cannot be delivered. Off unless given; any number of processes may share it.
///
/// ```no_run
/// use watchpost::delivery::{Delivery, Settings, Spool};
///
/// let spool = Spool::new("/var/lib/shop/sentry").max_bytes(16 * 1024 * 1024);
/// let delivery = Delivery::new(Settings { store: Some(spool.into()), ..Settings::default() });
/// ```
#[derive(Clone)]
pub struct Spool {
    folder: PathBuf,
    max_bytes: u64,
}

impl Spool {
    /// Keeps envelopes in this folder, which is made when needed, for nobody else to read.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), max_bytes: DEFAULT_MAX_BYTES }
    }

    /// How many bytes of envelopes there may be. 64 MiB unless set.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool").field("folder", &self.folder).field("max_bytes", &self.max_bytes).finish()
    }
}

impl From<Spool> for Store {
    fn from(spool: Spool) -> Self {
        Self(Arc::new(spool))
    }
}

impl Open for Spool {
    fn open(&self, way: Box<Way>) -> Result<Arc<dyn Keep>, (io::Error, Box<Way>)> {
        match Home::open(&self.folder, &way.account) {
            Ok(home) => Ok(Shared::start(home, self.max_bytes, *way)),
            Err(error) => Err((error, way)),
        }
    }
}
