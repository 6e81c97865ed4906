//! What cannot be delivered is kept, and delivered later: once, in order, and within the bound.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use watchpost::Guard;
use watchpost::delivery::{Delivery, Settings, Spool};
use watchpost_tests::server::{Mode, Server};

use super::{LONG, capture, nothing, options, send, transaction};

/// A folder that nobody else has, gone with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("watchpost-spool-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    /// Waits until the client that used it is gone altogether, as a process would be.
    fn is_abandoned(&self) -> bool {
        let free = |path: &PathBuf| fs::File::open(path).is_ok_and(|lock| lock.try_lock().is_ok());
        until(|| self.all().iter().filter(|path| is_lock(path)).all(free))
    }

    /// All but locks.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = self.all();
        files.retain(|path| !is_lock(path));
        files
    }

    fn all(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
            for path in fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
                if path.is_dir() { walk(&path, files) } else { files.push(path) }
            }
        }
        let mut files = Vec::new();
        walk(&self.0, &mut files);
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn spooled(server: &Server, spool: Spool) -> (Guard, Delivery) {
    let delivery = Delivery::new(Settings { store: Some(spool.into()), ..Settings::default() });
    let options = options(&server.dsn()).shutdown_timeout(Duration::from_millis(500));
    (Guard::bind(options, delivery.clone()), delivery)
}

fn messages(server: &Server) -> Vec<Value> {
    server.items("event").into_iter().map(|event| event["message"].clone()).collect()
}

fn is_lock(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "lock")
}

/// Until this is so, at most ten seconds.
fn until(condition: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        if condition() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn what_a_dead_server_did_not_get_the_next_process_delivers_once() {
    let (server, folder) = (Server::start(), Folder::new());
    server.answer([Mode::Close]);
    let (guard, first) = spooled(&server, Spool::new(&folder.0));
    (0..5).for_each(|n| capture(&format!("event {n}")));
    send(transaction("slow", nothing()));
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, report.pending, report.kept, report.dropped_total()), (0, 6, 6, 0));
    assert_eq!(folder.files().len(), 6);
    drop(guard);
    assert!(folder.is_abandoned());
    assert_eq!(first.stats().pending.total(), 6);
    let before = server.requests().len();

    server.answer([Mode::ok()]);
    let (guard, second) = spooled(&server, Spool::new(&folder.0));
    assert!(until(|| second.stats().delivered.total() == 6), "{:?}", second.stats());
    let stats = second.stats();
    assert_eq!((stats.accepted.total(), stats.recovered.total(), stats.pending.total()), (0, 6, 0));
    let after: Vec<_> = server.requests().split_off(before);
    let order: Vec<_> = after.iter().map(|request| request.items[0].header["type"].clone()).collect();
    assert_eq!(order, ["event", "event", "event", "event", "event", "transaction"]);
    let sent: Vec<_> = after.iter().map(|request| request.items[0].payload["message"].clone()).collect();
    assert_eq!(sent[..5], ["event 0", "event 1", "event 2", "event 3", "event 4"]);
    assert_eq!(folder.files(), Vec::<PathBuf>::new());
    drop(guard);
}

#[test]
fn a_server_that_comes_back_gets_what_waits_without_being_asked() {
    let (server, folder) = (Server::start(), Folder::new());
    server.answer([Mode::Status(500, vec![]), Mode::Close, Mode::ok()]);
    let (guard, delivery) = spooled(&server, Spool::new(&folder.0));
    capture("one");
    capture("two");
    assert!(until(|| delivery.stats().delivered.total() == 2), "{:?}", delivery.stats());
    assert_eq!(delivery.stats().kept.total(), 0);
    drop(guard);
}

#[test]
fn what_the_server_has_enough_of_waits_and_the_rest_goes() {
    let (server, folder) = (Server::start(), Folder::new());
    server.answer([Mode::Status(429, vec![("X-Sentry-Rate-Limits", "2:transaction:organization")]), Mode::ok()]);
    let (guard, delivery) = spooled(&server, Spool::new(&folder.0));
    send(transaction("limited", nothing()));
    guard.flush(LONG);
    capture("one");
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, report.kept, report.dropped_total()), (1, 1, 0));
    assert!(until(|| delivery.stats().delivered.total() == 2), "{:?}", delivery.stats());
}

#[test]
fn what_the_server_refuses_for_good_is_not_kept() {
    let (server, folder) = (Server::start(), Folder::new());
    server.answer([Mode::Status(413, vec![]), Mode::Status(400, vec![]), Mode::ok()]);
    let (guard, _) = spooled(&server, Spool::new(&folder.0));
    (0..3).for_each(|n| capture(&format!("event {n}")));
    let report = guard.flush(LONG);
    let dropped = serde_json::to_value(&report.dropped).unwrap();
    assert_eq!((report.delivered, report.kept, dropped), (1, 0, json!({"refused": 1, "too_large": 1})));
    assert!(folder.files().is_empty());
    // What was lost is told to the server, over the spool as well.
    let told = serde_json::to_string(&server.items("client_report")).unwrap();
    assert!(told.contains(r#""quantity":2"#) && told.contains("send_error"), "{told}");
}

#[test]
fn the_oldest_makes_room_and_is_counted() {
    let (server, folder) = (Server::start(), Folder::new());
    server.answer([Mode::Close]);
    let (guard, delivery) = spooled(&server, Spool::new(&folder.0).max_bytes(20_000));
    for n in 0..30 {
        capture(&format!("{n} {}", "x".repeat(2000)));
    }
    guard.flush(LONG);
    let stats = delivery.stats();
    let lost = stats.dropped[&watchpost::delivery::DropReason::SpoolFull].total();
    assert_eq!(stats.kept.total() + lost, 30);
    assert!((5..10).contains(&stats.kept.total()), "{stats:?}");
    let size: u64 = folder.files().iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    // The envelope that is on its way to the server at that moment makes no room.
    assert!(size <= 20_000 + 3_000 && size == stats.kept_bytes, "{size} {stats:?}");
    drop(guard);
    assert!(folder.is_abandoned());
    server.answer([Mode::ok()]);
    let before = messages(&server).len();
    let (guard, _) = spooled(&server, Spool::new(&folder.0));
    assert!(until(|| folder.files().is_empty()));
    drop(guard);
    let kept = messages(&server).split_off(before);
    let number = |message: &Value| message.as_str().unwrap().split(' ').next().unwrap().parse::<u64>().unwrap();
    let mut kept: Vec<u64> = kept.iter().map(number).collect();
    kept.sort_unstable();
    let youngest: Vec<u64> = (lost..30).collect();
    // In the place of the oldest of them there may be one that was on its way when the others had to go.
    assert_eq!(kept[1..], youngest[1..]);
    assert!(kept[0] <= youngest[0], "{kept:?}");
}

#[test]
fn a_file_that_is_not_as_it_was_written_is_left_out_and_counted() {
    let (server, folder) = (Server::start(), Folder::new());
    server.answer([Mode::Close]);
    let (guard, _) = spooled(&server, Spool::new(&folder.0));
    (0..4).for_each(|n| capture(&format!("event {n}")));
    guard.flush(LONG);
    drop(guard);
    assert!(folder.is_abandoned());
    let files = folder.files();
    assert_eq!(files.len(), 4);
    fs::write(&files[0], b"").unwrap();
    let half = fs::read(&files[1]).unwrap();
    fs::write(&files[1], &half[..half.len() - 7]).unwrap();
    fs::write(files[2].with_extension("new"), b"{").unwrap();
    let before = server.requests().len();
    server.answer([Mode::ok()]);
    let (guard, delivery) = spooled(&server, Spool::new(&folder.0));
    assert!(until(|| delivery.stats().delivered.total() == 2), "{:?}", delivery.stats());
    assert_eq!(serde_json::to_value(delivery.stats().dropped).unwrap(), json!({"internal": {"event": 1, "other": 1}}));
    assert_eq!(server.requests().len() - before, 2);
    assert!(folder.files().is_empty(), "{:?}", folder.files());
    drop(guard);
}

#[test]
fn what_belongs_to_a_living_process_or_to_another_dsn_is_left_alone() {
    let (server, other, folder) = (Server::start(), Server::start(), Folder::new());
    server.answer([Mode::Close]);
    let (living, _) = spooled(&server, Spool::new(&folder.0));
    capture("mine");
    living.flush(LONG);
    let before = server.requests().len();
    server.answer([Mode::Hang]);
    let (guard, second) = spooled(&server, Spool::new(&folder.0));
    let (stranger, third) = spooled(&other, Spool::new(&folder.0));
    guard.flush(Duration::from_millis(200));
    stranger.flush(Duration::from_millis(200));
    assert_eq!((second.stats().recovered.total(), third.stats().recovered.total()), (0, 0));
    assert!(other.requests().is_empty());
    assert!(server.requests().len() - before <= 1);
    drop((living, guard, stranger));
}

#[test]
fn a_folder_that_cannot_be_used_costs_nothing_but_itself() {
    let (server, folder) = (Server::start(), Folder::new());
    fs::write(&folder.0, b"a file").unwrap();
    let (guard, _) = spooled(&server, Spool::new(&folder.0));
    capture("one");
    assert!(guard.flush(LONG).is_complete());
    drop(guard);
    fs::remove_file(&folder.0).unwrap();

    // One that is taken away while it is used: envelopes go on in memory.
    let (guard, _) = spooled(&server, Spool::new(&folder.0));
    fs::remove_dir_all(&folder.0).unwrap();
    capture("two");
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, report.dropped_total()), (1, 0));
}

#[cfg(unix)]
#[test]
fn the_folder_is_nobody_elses_to_read_and_none_is_left_empty() {
    use std::os::unix::fs::PermissionsExt;
    let (server, folder) = (Server::start(), Folder::new());
    server.answer([Mode::Close]);
    let (guard, _) = spooled(&server, Spool::new(&folder.0));
    capture("one");
    guard.flush(LONG);
    let file = folder.files().remove(0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap()), mode(&folder.0)), (0o600, 0o700, 0o700));
    server.answer([Mode::ok()]);
    guard.flush(LONG);
    let own = file.parent().unwrap().to_owned();
    drop(guard);
    assert!(until(|| !own.exists()));
}

#[test]
fn a_burst_arrives_whole() {
    let (server, folder) = (Server::start(), Folder::new());
    let (guard, _) = spooled(&server, Spool::new(&folder.0));
    (0..2000).for_each(|n| capture(&format!("event {n}")));
    let report = guard.flush(LONG);
    assert_eq!((report.delivered, report.pending, report.dropped_total()), (2000, 0, 0));
    assert_eq!(server.items("event").len(), 2000);
}
