//! A process's own folder in the spool, and those that other processes have left.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::file;
use super::index::Key;

const LOCK: &str = "lock";
const ENVELOPE: &str = "env";

/// After so long a folder that was never finished has no process any more that would finish it.
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
        let (unfinished, folder) = (0..100_u32)
            .find_map(|number| {
                let id = format!("{:x}-{:x}-{number:x}", micros(), std::process::id());
                let unfinished = account.join(format!(".new-{id}"));
                match private_folder().create(&unfinished) {
                    Ok(()) => Some(Ok((unfinished, account.join(format!("p-{id}"))))),
                    // Another client of this process, in this very microsecond.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => None,
                    Err(error) => Some(Err(error)),
                }
            })
            .unwrap_or_else(|| Err(ErrorKind::AlreadyExists.into()))?;
        // Under its own name it appears with its lock held: nobody ever finds it without.
        let lock = file::private().create_new(true).open(unfinished.join(LOCK))?;
        lock.lock()?;
        fs::rename(&unfinished, &folder)?;
        Ok(Self { folder, account, _lock: lock })
    }

    pub(super) fn path(&self, key: Key) -> PathBuf {
        self.folder.join(format!("{key}.{ENVELOPE}"))
    }

    /// Moves over what processes left that are gone; `number` numbers it anew. And the bytes that belong to living ones.
    pub(super) fn adopt(&self, mut number: impl FnMut() -> u64) -> (Vec<Key>, u64) {
        let (mut found, mut others) = (Vec::new(), 0);
        for folder in entries(&self.account) {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(".new-") && is_forgotten(&folder) {
                let _ = fs::remove_dir_all(&folder);
            }
            if !name.starts_with("p-") || folder == self.folder {
                continue;
            }
            match Abandoned::take(&folder) {
                Some(abandoned) => {
                    found.extend(abandoned.envelopes().filter_map(|path| self.move_in(&path, number())));
                    abandoned.remove();
                }
                None => others += size(&folder),
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
        if entries(&self.folder).all(|path| path.ends_with(LOCK)) {
            let _ = fs::remove_file(self.folder.join(LOCK));
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// The folder of a process that is gone, held so that nobody else takes it.
struct Abandoned {
    folder: PathBuf,
    _lock: File,
}

impl Abandoned {
    fn take(folder: &Path) -> Option<Self> {
        // Without a lock file there is nothing to hold: it was taken just now, down to the last step.
        let lock = file::private().open(folder.join(LOCK)).ok()?;
        match lock.try_lock() {
            Ok(()) => Some(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
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
        if self.envelopes().next().is_none() {
            let _ = fs::remove_file(self.folder.join(LOCK));
            let _ = fs::remove_dir(&self.folder);
        }
    }
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
