//! The table of a server's answers: what is delivered of five events, what is dropped and why, how long a flush with a limit of
//! one second takes, and how long the guard's drop with the same.
//!
//! `cargo run -p watchpost-tests --bin delivery_table`
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::time::{Duration, Instant};

use sentry_core::ClientOptions;
use sentry_core::protocol::Event;
use watchpost::Guard;
use watchpost::delivery::{Delivery, Settings, Spool};
use watchpost_tests::server::{Mode, Server};

const LIMIT: Duration = Duration::from_secs(1);

fn main() {
    let limits = |header| Mode::Status(429, vec![("X-Sentry-Rate-Limits", header)]);
    let modes = [
        ("200", Some(Mode::ok())),
        ("200 after 100 ms", Some(Mode::Slow(Duration::from_millis(100)))),
        ("refuses", None),
        ("hangs", Some(Mode::Hang)),
        ("resets", Some(Mode::Reset)),
        ("closes", Some(Mode::Close)),
        ("half a head", Some(Mode::Bytes("HTTP/1.1 200 OK\r\nContent-Le"))),
        ("half a body", Some(Mode::Bytes("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"))),
        ("429", Some(Mode::Status(429, vec![]))),
        ("429, Retry-After: 60", Some(Mode::Status(429, vec![("Retry-After", "60")]))),
        ("429, 60:error:key", Some(limits("60:error:key"))),
        ("429, 60:transaction:key", Some(limits("60:transaction:key"))),
        ("500", Some(Mode::Status(500, vec![]))),
        ("413", Some(Mode::Status(413, vec![]))),
    ];
    println!(
        "{:<24} {:>9} {:>7} {:>5} {:<28} {:>9} {:>9}",
        "the server", "delivered", "pending", "kept", "dropped", "flush", "drop"
    );
    for spool in [false, true] {
        println!("{}", if spool { "with a spool" } else { "without" });
        for (name, mode) in &modes {
            row(name, mode.as_ref(), spool);
        }
    }
}

fn row(name: &str, mode: Option<&Mode>, spool: bool) {
    let server = Server::start();
    let dsn = mode.map_or_else(Server::refusing, |_| server.dsn());
    server.answer(mode.cloned());
    let folder = std::env::temp_dir().join(format!("watchpost-table-{}", std::process::id()));
    let store = spool.then(|| Spool::new(&folder).into());
    let delivery = Delivery::new(Settings { store, ..Settings::default() });
    let guard = Guard::bind(ClientOptions::new().dsn(&dsn).shutdown_timeout(LIMIT), delivery);
    for n in 0..5 {
        sentry_core::capture_event(Event { message: Some(format!("event {n}")), ..Event::default() });
    }
    let began = Instant::now();
    let report = guard.flush(LIMIT);
    let flush = began.elapsed();
    let began = Instant::now();
    drop(guard);
    let drop = began.elapsed();
    let dropped: Vec<_> = report.dropped.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
    println!(
        "{name:<24} {:>9} {:>7} {:>5} {:<28} {flush:>9.2?} {drop:>9.2?}",
        report.delivered,
        report.pending,
        report.kept,
        dropped.join(", ")
    );
    let _ = std::fs::remove_dir_all(folder);
}
