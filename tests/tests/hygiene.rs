//! The expansions name everything by its whole path: no prelude, and modules of the user's own with famous names.

#![no_implicit_prelude]
#![deny(warnings)]
// An expansion that allowed one of these would not compile here.
#![forbid(unsafe_code, unreachable_code, unused_braces, unused_labels, unused_variables)]

// What a path that is not absolute would meet.
mod std {}
mod core {}
mod alloc {}
mod watchpost {}
mod sentry_core {}
#[expect(dead_code, non_camel_case_types, reason = "names that an expansion might pick up")]
mod famous {
    pub(crate) struct Result;
    pub(crate) struct Option;
    pub(crate) struct Box;
    pub(crate) struct Some;
    pub(crate) struct Ok;
    pub(crate) struct String;
    pub(crate) struct u64;
    pub(crate) trait Future {}
    pub(crate) trait Display {}
}

/// Methods that each type has, under names that an expansion might call.
#[expect(dead_code, reason = "as above")]
trait Everybody {
    fn richest(&self) {}
    fn way(&self) {}
    fn time(&self) {}
    fn to_value(&self) {}
    fn of_generic(&self) {}
    fn field(&self) {}
    fn tag(&self) {}
    fn arg(&self) {}
    fn context(&self) {}
    fn values(&self) {}
    fn ignore(&self) {}
    fn fingerprint(&self) {}
    fn id(&self) {}
    fn attempt(&self) {}
    fn max_attempts(&self) {}
    fn enqueued_at(&self) {}
    fn take(&self) {}
    fn and(&self) {}
    fn with_op(&self) {}
    fn error(&self) {}
}
impl<T: ?::core::marker::Sized> Everybody for T {}

use ::core::clone::Clone;
use ::core::convert::Into;
use ::core::future::Future;
use ::core::pin::Pin;
use ::core::result::Result::{self, Err, Ok};
use ::std::boxed::Box;
use ::std::string::{String, ToString};
use ::watchpost::{capture_errors, monitor_performance, monitored_task};

#[expect(unused_macros, reason = "as above")]
macro_rules! line {
    () => {
        compile_error!("a macro of the user's own")
    };
}
#[expect(unused_macros, reason = "as above")]
macro_rules! file {
    () => {
        compile_error!("a macro of the user's own")
    };
}
#[expect(unused_macros, reason = "as above")]
macro_rules! module_path {
    () => {
        compile_error!("a macro of the user's own")
    };
}
#[expect(unused_macros, reason = "as above")]
macro_rules! format_args {
    () => {
        compile_error!("a macro of the user's own")
    };
}

#[derive(Clone)]
struct Wrong(String);

impl Wrong {
    fn code(&self) -> usize {
        self.0.len()
    }
}

#[monitor_performance("plain", op = "test", slow = "1s", fields(n, twice = n * 2, text = %n, debug = ?n), metric, root, scope)]
fn plain(n: u32) -> u32 {
    n
}

#[monitor_performance]
#[capture_errors(category = "test", level = "info", tags(n, debug = ?n), fields(code = err.code()), args(n), ignore = Wrong(..), fingerprint = ["a", err.code()])]
fn looked_at(n: u32, (a, _): (u32, u32), _: u32, _unused: u32) -> Result<u32, Wrong> {
    if n == 0 {
        return Err(Wrong("zero".to_string()));
    }
    Ok(n + a)
}

#[monitor_performance]
fn asked(n: u32) -> famous::Result {
    let _ = n;
    famous::Result
}

#[monitor_performance(fields(n))]
#[capture_errors(late, args(n))]
async fn awaited(n: u32) -> Result<u32, Wrong> {
    Ok(n)
}

#[monitor_performance(fields(n))]
fn boxed(n: u32) -> Pin<Box<dyn Future<Output = Result<u32, Wrong>> + ::core::marker::Send>> {
    Box::pin(async move { Ok(n) })
}

#[capture_errors(tags(n))]
fn opaque(n: u32) -> impl Future<Output = Result<u32, Wrong>> {
    let twice = n * 2;
    async move { Ok(twice) }
}

#[monitored_task("task", queue = "q", id = n, attempt = n, max_attempts = 5, enqueued_at = at, fields(n), tags(n))]
fn task(n: u32, at: ::std::time::SystemTime) -> Result<(), Wrong> {
    let _ = (n, at);
    Ok(())
}

#[monitored_task(
    cron = "0 3 * * *",
    timezone = "UTC",
    checkin_margin = "5m",
    max_runtime = "1h",
    slug = "nightly",
    report = "every_attempt"
)]
async fn scheduled() {}

/// Names that the expansions use, as the user's own.
#[capture_errors(fields(site, v, e))]
fn names(enter: u32, site: u32, v: u32, e: u32, __call: u32, __v: u32) -> Result<u32, Wrong> {
    let values = enter + site + v + e;
    let __e = __call + __v;
    Ok(values + __e)
}

struct Block;

#[monitor_performance]
#[capture_errors]
impl Block {
    fn get(&self) -> Result<u32, Wrong> {
        Ok(5)
    }
}

#[test]
fn it_compiles_and_runs() {
    ::std::assert_eq!(plain(1), 1);
    ::std::assert!(looked_at(0, (1, 2), 3, 4).is_err() && looked_at(1, (1, 2), 3, 4).is_ok());
    let _ = (asked(1), awaited(1), boxed(1), opaque(1), scheduled());
    ::std::assert!(task(1, ::std::time::SystemTime::now()).is_ok());
    ::std::assert!(::core::matches!(names(1, 2, 3, 4, 5, 6), Ok(21)));
    ::std::assert!(Block.get().is_ok());
    let text: String = "x".into();
    ::std::assert_eq!(Wrong(text).clone().code(), 1);
}
