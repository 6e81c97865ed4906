//! A process's own folder in the spool, and those that other processes have left.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::file;
use super::index::Key;

const LOCK: &str = "lock";
const ENVELOPE: &str = "env";

/// After so long a lock whose folder was never made has no process any more that would make it.
const FORGOTTEN: Duration = Duration::from_secs(3600);

/// The folder of this process. Its lock is held until this is dropped.
#[derive(Debug)]
pub(super) struct Home {
    folder: PathBuf,
    account: PathBuf,
    /// Held, never read.
    _lock: File,
}

impl Home {
    /// Makes a folder of our own under `root`, for the envelopes of one account.
    pub(super) fn open(root: &Path, account: &str) -> io::Result<Self> {
        let account = root.join(format!("{:016x}", file::sum(account.as_bytes())));
        private_folder().recursive(true).create(&account)?;
        for number in 0..100_u32 {
            let folder = account.join(format!("p-{:x}-{:x}-{number:x}", micros(), std::process::id()));
            // The lock first: nobody ever finds the folder without.
            match file::private().create_new(true).open(lock_of(&folder)) {
                Ok(lock) => {
                    lock.lock()?;
                    private_folder().create(&folder)?;
                    return Ok(Self { folder, account, _lock: lock });
                }
                // Another client of this process, in this very microsecond.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => (),
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    pub(super) fn path(&self, key: Key) -> PathBuf {
        self.folder.join(format!("{key}.{ENVELOPE}"))
    }

    /// Moves over what processes left that are gone; `number` numbers it anew. And the bytes that belong to living ones.
    pub(super) fn adopt(&self, mut number: impl FnMut() -> u64) -> (Vec<Key>, u64) {
        let (mut found, mut others) = (Vec::new(), 0);
        for lock in entries(&self.account).filter(|path| path.extension().is_some_and(|extension| extension == LOCK)) {
            let folder = lock.with_extension("");
            if folder == self.folder {
                continue;
            }
            match Abandoned::take(folder) {
                Ok(abandoned) => {
                    found.extend(abandoned.envelopes().filter_map(|path| self.move_in(&path, number())));
                    abandoned.remove();
                }
                Err(folder) => others += size(&folder),
            }
        }
        (found, others)
    }

    fn move_in(&self, path: &Path, number: u64) -> Option<Key> {
        let key = path.file_stem()?.to_str()?.parse::<Key>().ok()?.numbered(number);
        fs::rename(path, self.path(key)).ok()?;
        Some(key)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // An empty one leaves nothing behind. One with envelopes waits for whoever comes.
        if fs::remove_dir(&self.folder).is_ok() {
            let _ = fs::remove_file(lock_of(&self.folder));
        }
    }
}

/// The folder of a process that is gone, held so that nobody else takes it.
struct Abandoned {
    folder: PathBuf,
    _lock: File,
}

impl Abandoned {
    fn take(folder: PathBuf) -> Result<Self, PathBuf> {
        let lock = file::private().open(lock_of(&folder));
        match lock.map(|lock| lock.try_lock().map(|()| lock)) {
            // A process that is about to make its folder has its lock, and no folder yet: it is let be for a while.
            Ok(Ok(lock)) if folder.exists() || is_forgotten(&lock_of(&folder)) => Ok(Self { folder, _lock: lock }),
            _ => Err(folder),
        }
    }

    fn envelopes(&self) -> impl Iterator<Item = PathBuf> {
        entries(&self.folder).filter(|path| path.extension().is_some_and(|extension| extension == ENVELOPE))
    }

    fn remove(self) {
        // What is left are unfinished files; the envelopes in them were never whole.
        for path in entries(&self.folder).filter(|path| path.extension().is_some_and(|extension| extension == "new")) {
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_dir(&self.folder);
        if !self.folder.exists() {
            let _ = fs::remove_file(lock_of(&self.folder));
        }
    }
}

/// The lock stands beside the folder, so that either can be made and removed while the lock is held, on every system.
fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension(LOCK)
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

fn size(folder: &Path) -> u64 {
    entries(folder).filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum()
}

fn is_forgotten(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|m| m.modified()).ok().and_then(|t| SystemTime::now().duration_since(t).ok());
    age.is_some_and(|age| age > FORGOTTEN)
}

/// Microseconds since 1970.
pub(super) fn micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
