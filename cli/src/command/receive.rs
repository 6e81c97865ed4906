//! `watchpost receive`.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use watchpost_cli::receiver::{Item, Turn};
use watchpost_cli::report::{Line, Style};
use watchpost_cli::{Report, page};

use super::Misuse;

/// A day's work of a developer fits in; a load test does not, and must not fill the memory.
const MOST_ITEMS: usize = 20_000;

/// Take what programs send, and show it: here as it arrives, and in a browser.
///
/// Listens on loopback only, where Spotlight would: a program with SENTRY_SPOTLIGHT=1 finds it, and one with the DSN that is
/// printed sends everything here. Ctrl-C ends it and prints a report of what came. The newest 20000 items are kept in memory until then.
///
/// `--fail` makes it misbehave: status:CODE, retry-after:SECONDS, rate-limits:LIMITS, hang, reset, delay:TIME. Said more
/// than once the modes take turns: `*TIMES` ends one, and after the last it behaves again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    watchpost receive                           then open http://127.0.0.1:8969/\n  \
    SENTRY_DSN=http://watchpost@127.0.0.1:8969/1 cargo run\n  \
    watchpost receive --port 0 --json | jq .type\n  \
    watchpost receive --fail 'status:503*3' --fail 'rate-limits:60:error:key*1'")]
pub(crate) struct Receive {
    /// The port; 0 lets the system choose one.
    #[arg(long, default_value_t = 8969)]
    port: u16,
    /// How to misbehave, from the first request on.
    #[arg(long, value_name = "MODE")]
    fail: Vec<Turn>,
    /// One JSON object an item on standard output, and nothing else there.
    #[arg(long)]
    json: bool,
}

impl Receive {
    pub(super) fn run(self) -> Result<ExitCode, Misuse> {
        let receiver = page::receiver(self.port).map_err(|error| self.refused(&error))?;
        receiver.keep_newest(MOST_ITEMS);
        receiver.fail_in_turn(self.fail.iter().cloned().map(|Turn(failure, times)| (failure, times)));
        let ended = interrupted().map_err(|error| Misuse(format!("Ctrl-C cannot be waited for: {error}")))?;
        anstream::eprintln!(
            "SENTRY_DSN={}\nhttp://{}/ shows what comes; Ctrl-C ends",
            receiver.dsn(),
            receiver.address()
        );
        let style = Style::for_stdout();
        let mut seen = 0;
        while !ended.load(Ordering::Relaxed) {
            let (requests, items) = receiver.since(seen, Duration::from_millis(100));
            seen += requests.len();
            let mut out = io::stdout().lock();
            let written = if self.json {
                items.iter().try_for_each(|item| json(&mut out, item))
            } else {
                let lines = items.iter().map(|item| (item.received_at, Line::of(item)));
                let refused =
                    requests.iter().filter_map(|request| Some((request.received_at, Line::of_refused(request)?)));
                lines.chain(refused).try_for_each(|(time, line)| writeln!(out, "{}", line.dressed(&clock(time), style)))
            };
            if written.and_then(|()| out.flush()).is_err() {
                // Whoever read along has gone, as `head` does.
                return Ok(ExitCode::SUCCESS);
            }
        }
        if !self.json {
            let report = Report::new(&receiver.items(), &receiver.requests());
            anstream::print!("\n{}", report.text(style));
        }
        Ok(ExitCode::SUCCESS)
    }

    fn refused(&self, error: &io::Error) -> Misuse {
        let why = match error.kind() {
            ErrorKind::AddrInUse => {
                "somebody listens there already, Spotlight perhaps: say another, or --port 0".to_owned()
            }
            _ => error.to_string(),
        };
        Misuse(format!("port {}: {why}", self.port))
    }
}

fn json(out: &mut impl Write, item: &Item) -> io::Result<()> {
    serde_json::to_writer(&mut *out, item)?;
    out.write_all(b"\n")
}

/// The time of day, UTC.
fn clock(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() % 86_400);
    format!("{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// What becomes true at Ctrl-C, or when the process is asked to end; a second Ctrl-C ends it at once.
fn interrupted() -> io::Result<Arc<AtomicBool>> {
    let ended = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&ended);
    let (ready, is_ready) = mpsc::channel();
    thread::Builder::new().name("watchpost-signals".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(error))),
        };
        runtime.block_on(async {
            #[cfg(unix)]
            let mut asked = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(asked) => asked,
                Err(error) => return drop(ready.send(Err(error))),
            };
            drop(ready.send(Ok(())));
            #[cfg(unix)]
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = asked.recv() => {}
            }
            #[cfg(not(unix))]
            let _ = tokio::signal::ctrl_c().await;
            theirs.store(true, Ordering::Relaxed);
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(130);
            }
        });
    })?;
    is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("nobody waits")))?;
    Ok(ended)
}
