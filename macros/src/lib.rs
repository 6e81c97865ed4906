//! The attribute and derive macros of `watchpost`, which re-exports and documents them.
//!
//! Whoever builds a program builds this crate first, without optimisation. What is generic in std (chains of iterators, `join`,
//! `collect`) is made here for each closure, and took much of that build: so loops stand where a chain would be as short, and
//! what reads arguments takes objects (`cargo run -p watchpost-tests --bin macro_cost -- clean`).

mod annotation;
mod args;
mod checks;
mod crate_path;
mod derive;
mod entry;
mod errors;
mod expand;
mod function;
mod main_fn;
mod tokens;

use annotation::Which;
use proc_macro::TokenStream;

/// Measures each call of a function: a span, or a transaction where there is none.
#[proc_macro_attribute]
pub fn monitor_performance(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute(Which::Monitor, args.into(), item.into()).into()
}

/// Reports each `Err` that a function returns, once, and passes it on untouched.
#[proc_macro_attribute]
pub fn capture_errors(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute(Which::Capture, args.into(), item.into()).into()
}

/// Watches each run of a background task: a transaction in a scope of its own, retries, check-ins.
#[proc_macro_attribute]
pub fn monitored_task(args: TokenStream, item: TokenStream) -> TokenStream {
    entry::attribute(Which::Task, args.into(), item.into()).into()
}

/// Starts monitoring before `main`, reports the `Err` that it returns, and sends everything before the program ends.
///
/// It stands on any `main`, alone or beside the attribute of an asynchronous runtime, above or below it:
///
/// ```ignore
/// #[watchpost::main]
/// #[tokio::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     serve().await
/// }
/// ```
///
/// - The configuration is read from the `SENTRY_*` variables, the release is `release!()` of this crate, and the client
///   is there before the runtime's threads are. What `configure = ..` is given changes the configuration before it is
///   put to use: a function, or a closure, from `Config` to `Config`.
/// - A configuration that is wrong is told on standard error, all of it at once, and the program ends with exit code 2
///   before `main` begins. With `on_config_error = "continue"` it is told, and the program runs without monitoring.
/// - An `Err` that `main` returns is reported, unless an annotated function below has reported it. What the program
///   prints and its exit code are those of the same `main` without the attribute.
/// - Ending takes at most the configuration's `shutdown_timeout` longer, two seconds where nothing is said.
///   `std::process::exit` ends the program at once, as ever: what waits is lost then.
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    main_fn::expand(args.into(), item.into()).into()
}

/// Makes a struct a named context of events.
#[proc_macro_derive(SentryContext, attributes(context))]
pub fn sentry_context(input: TokenStream) -> TokenStream {
    derive::sentry_context(input.into()).into()
}

/// Makes a struct say who the user is.
#[proc_macro_derive(SentryUser, attributes(user))]
pub fn sentry_user(input: TokenStream) -> TokenStream {
    derive::sentry_user(input.into()).into()
}

/// Makes an error type say how its errors are to be treated.
#[proc_macro_derive(Classify, attributes(classify, source, from))]
pub fn classify(input: TokenStream) -> TokenStream {
    derive::classify(input.into()).into()
}
