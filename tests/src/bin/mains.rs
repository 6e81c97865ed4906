//! The same `main` functions twice, bare and under `#[watchpost::main]`: `mains (bare|watched) CASE`; and what `init`
//! does to a whole process: `mains init CASE`.
//!
//! What a `main` returns is given to `Termination::report`, which is what the language does with it.

#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "it is a test's other half")]

use std::process::{ExitCode, Termination, exit};

#[derive(Debug, thiserror::Error)]
#[error("no seat left")]
struct NoSeat {
    #[source]
    full: Full,
}

#[derive(Debug, thiserror::Error)]
#[error("the calendar is full")]
struct Full;

type Outcome = Result<(), NoSeat>;

/// Has neither `Display` nor is an error; its `Debug` is all there is.
#[derive(Debug)]
struct Bare(#[expect(dead_code, reason = "its Debug is printed")] u8);

macro_rules! mains {
    ($module:ident $(#[$watched:meta])?) => {
        mod $module {
            use super::*;

            $(#[$watched])?
            pub(super) fn unit() {
                println!("work");
            }

            $(#[$watched])?
            pub(super) fn ok() -> Result<(), NoSeat> {
                println!("work");
                Ok(())
            }

            $(#[$watched])?
            pub(super) fn error() -> Result<(), NoSeat> {
                println!("work");
                Err(NoSeat { full: Full })?;
                unreachable!()
            }

            $(#[$watched])?
            pub(super) fn alias() -> Outcome {
                Err(NoSeat { full: Full })
            }

            $(#[$watched])?
            pub(super) fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
                Err("no reason")?;
                Ok(())
            }

            $(#[$watched])?
            pub(super) fn bare_error() -> Result<(), Bare> {
                Err(Bare(7))
            }

            $(#[$watched])?
            pub(super) fn code() -> ExitCode {
                ExitCode::from(3)
            }

            $(#[$watched])?
            pub(super) fn result_of_code() -> Result<ExitCode, NoSeat> {
                Ok(ExitCode::from(4))
            }

            $(#[$watched])?
            pub(super) fn opaque() -> impl Termination {
                ExitCode::from(5)
            }

            $(#[$watched])?
            pub(super) fn never() -> ! {
                exit(6)
            }

            $(#[$watched])?
            pub(super) fn panics() -> Result<(), NoSeat> {
                panic!("out of seats")
            }

            /// The runtime below the attribute.
            $(#[$watched])?
            #[tokio::main(flavor = "current_thread")]
            pub(super) async fn runtime_below() -> Result<(), NoSeat> {
                tokio::task::yield_now().await;
                Err(NoSeat { full: Full })
            }

            /// The runtime above the attribute.
            #[tokio::main(flavor = "current_thread")]
            $(#[$watched])?
            pub(super) async fn runtime_above() -> Result<(), NoSeat> {
                tokio::task::yield_now().await;
                Err(NoSeat { full: Full })
            }

            /// Many threads, each with a hub of its own.
            $(#[$watched])?
            #[tokio::main]
            pub(super) async fn threads() -> Result<(), NoSeat> {
                tokio::spawn(async { println!("work") }).await.unwrap();
                Ok(())
            }

            pub(super) fn run(case: &str) -> ExitCode {
                match case {
                    "unit" => unit().report(),
                    "ok" => ok().report(),
                    "error" => error().report(),
                    "alias" => alias().report(),
                    "boxed" => boxed().report(),
                    "bare_error" => bare_error().report(),
                    "code" => code().report(),
                    "result_of_code" => result_of_code().report(),
                    "opaque" => opaque().report(),
                    "never" => never(),
                    "panics" => panics().report(),
                    "runtime_below" => runtime_below().report(),
                    "runtime_above" => runtime_above().report(),
                    "threads" => threads().report(),
                    other => panic!("no such main: {other}"),
                }
            }
        }
    };
}

mains!(bare);
mains!(watched #[watchpost::main(configure = |config| config.shutdown_timeout(std::time::Duration::from_secs(5)))]);

#[watchpost::main(on_config_error = "continue")]
fn runs_on() {
    println!("work");
}

/// Without a DSN nothing is there: no client, no thread; health knows what was meant.
fn disabled() {
    let guard = watchpost::init!().unwrap();
    let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    println!("client {}", sentry_core::Hub::main().client().is_some());
    println!("enabled {}, threads {threads}", guard.is_enabled());
    println!("{}", watchpost::health());
}

/// The client is everybody's, whichever thread makes it.
fn elsewhere() {
    let has_client = || sentry_core::Hub::current().client().is_some();
    println!("before {}", has_client());
    let guard = std::thread::spawn(|| watchpost::init().unwrap()).join().unwrap();
    let later = std::thread::spawn(has_client).join().unwrap();
    println!("main {}, later {later}, guard {}", has_client(), guard.is_enabled());
}

/// One session, as long as the program.
fn session() {
    let config = watchpost::Config::from_env().unwrap().release("shop@1.0.0");
    drop(config.sessions(watchpost::config::Sessions::Application).init().unwrap());
}

/// Three requests, of which sums are sent.
fn sessions() {
    let config = watchpost::Config::from_env().unwrap().release("shop@1.0.0");
    let guard = config.sessions(watchpost::config::Sessions::Request).init().unwrap();
    for _ in 0..3 {
        sentry_core::start_session();
        sentry_core::end_session();
    }
    drop(guard);
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bare", case] => return bare::run(case),
        ["watched", case] if case != "runs_on" => return watched::run(case),
        ["watched", _] => runs_on(),
        ["init", "disabled"] => disabled(),
        ["init", "elsewhere"] => elsewhere(),
        ["init", "session"] => session(),
        ["init", "sessions"] => sessions(),
        _ => panic!("mains (bare|watched|init) CASE"),
    }
    ExitCode::SUCCESS
}
