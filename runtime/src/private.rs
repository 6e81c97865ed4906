//! What the macros call. Not for people: names and meanings change with any version.
//!
//! The expansions, by the function's kind (`R` is the return type with `impl Trait` erased to `_`; `SITE` a static
//! [`CallSite`]; `OBSERVE` is [`done`], [`observe`] or [`observe_with`]; the face of an error is `|err| face(err).tell()`):
//!
//! ```text
//! sync, outcome not looked at     let __call = enter(&SITE); VALUES {body}
//! sync, outcome looked at         let __call = enter(&SITE);
//!                                 let __out: R = call_once(move || -> R { EDGE REBIND VALUES let __ret: R = {body}; __ret });
//!                                 OBSERVE(__call, __out)
//! async fn                        watch(&SITE, async move { EDGE REBIND VALUES let __ret: R = {body}; __ret },
//!                                       |__call, __out: R| OBSERVE(__call, __out)).await
//! boxed and impl futures          let mut __values = Held::new();
//!                                 let __fut: R = call_once(move || -> R { REBIND __values.take(&SITE, |v| ..); {body} });
//!                                 [Box::pin](watch_with(&SITE, __values, __fut, |__call, __out| OBSERVE(__call, __out)))
//! a task                          the same with `enter_task(&SITE, task(&SITE, |t| ..))`, `watch_task(&SITE, task(..), ..)`
//! EDGE                            if false { return never::<R>(); }
//! VALUES                          values(&SITE, |v| { v.field(..); v.tag(..); v.context(..); v.arg(..); });
//! ```

use std::fmt::{Debug, Display};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

pub use sentry_core::Level;
pub use sentry_core::protocol::{SpanStatus, Value};

use crate::ToValue;
pub use crate::capture::classify::{Classify, Policy, Retry};
/// Asks an error for its richest face: `face(err).tell()`, with no trait to be imported.
pub use crate::capture::face::face;
pub use crate::capture::told::Told;
pub use crate::capture::values::{Values, Words};
pub use crate::redact::Guarded;
pub use crate::site::{CallSite, CronSite, Kind, Report, TaskSite};

/// Calls `f`; the bound fixes the closure's kind, so that what it captures may be moved out and lent on.
#[inline(always)]
pub fn call_once<R, F: FnOnce() -> R>(f: F) -> R {
    f()
}

/// The value of a return edge that is never taken; it gives the body its type at the user's own tokens.
pub fn never<T>() -> T {
    loop {}
}

/// One call under way. Dropped without [`done`] or the like, it ends as a panic does, or as cancelled.
#[derive(Debug)]
#[must_use]
pub struct Call(());

/// Enters an annotated function on this thread.
#[inline(always)]
pub fn enter(site: &'static CallSite) -> Call {
    let _ = site;
    Call(())
}

/// Enters a task: a transaction of its own in a scope of its own.
pub fn enter_task(site: &'static CallSite, task: Task) -> Call {
    let _ = (site, task);
    Call(())
}

/// Ends a call whose outcome cannot be told: ok.
#[inline(always)]
pub fn done<R>(call: Call, out: R) -> R {
    drop(call);
    out
}

/// A return type whose outcome can be told.
#[diagnostic::on_unimplemented(
    message = "`#[capture_errors]` needs a function that returns `Result`, not `{Self}`",
    label = "the outcome of this type cannot be told",
    note = "return a `Result`, or report errors inside the function with `watchpost::capture_error(&err).send()`"
)]
pub trait Outcome {
    /// The error's type.
    type Error;
    /// The error, if this is one.
    fn error(&self) -> Option<&Self::Error>;
}

impl<T, E> Outcome for Result<T, E> {
    type Error = E;
    #[inline(always)]
    fn error(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

/// Ends a call by its outcome. `face` is asked only about an error that someone wants to know of.
#[inline(always)]
pub fn observe<R: Outcome>(call: Call, out: R, face: impl FnOnce(&R::Error) -> Told<'_>) -> R {
    let _ = face;
    drop(call);
    out
}

/// As [`observe`]; `late` has the attribute's own words about the error and is asked first.
#[inline(always)]
pub fn observe_with<R: Outcome>(
    call: Call,
    out: R,
    face: impl FnOnce(&R::Error) -> Told<'_>,
    late: impl FnOnce(&R::Error, &mut Words),
) -> R {
    let _ = (face, late);
    drop(call);
    out
}

/// Records values for the call that is innermost on this thread; `f` runs only when someone wants them.
#[inline(always)]
pub fn values(site: &'static CallSite, f: impl FnOnce(&mut Values)) {
    let _ = (site, f);
}

/// Values taken at the call of a function that returns a future, kept for the future's first poll.
#[derive(Debug, Default)]
pub struct Held(Option<Box<Values>>);

impl Held {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(None)
    }
    /// Takes the values; `f` runs only when someone wants them.
    pub fn take(&mut self, site: &'static CallSite, f: impl FnOnce(&mut Values)) {
        let _ = (site, f);
    }
}

/// What a task says of its run, from expressions over the function's own arguments.
#[derive(Debug)]
pub struct TaskInfo {
    _todo: (),
}

/// Trace headers by reference, optional or not.
pub trait IntoTrace {}

impl TaskInfo {
    /// The message's or job's id.
    pub fn id(&mut self, id: impl Display) {
        let _ = id;
    }
    /// The attempt, from 1.
    pub fn attempt(&mut self, attempt: impl TryInto<u64>) {
        let _ = attempt;
    }
    /// How many attempts there will be at most.
    pub fn max_attempts(&mut self, max: impl TryInto<u64>) {
        let _ = max;
    }
    /// When the job was put into the queue.
    pub fn enqueued_at<T>(&mut self, at: &T)
    where
        T: EnqueuedAt + ?Sized,
    {
        let _ = at.enqueued_at();
    }
    /// The producer's trace.
    pub fn trace<T: IntoTrace + ?Sized>(&mut self, trace: &T) {
        let _ = trace;
    }
    /// A field of the transaction.
    pub fn field(&mut self, key: &'static str, value: Value) {
        let _ = (key, value);
    }
}

/// A time that can be told as [`SystemTime`], optional or not.
pub trait EnqueuedAt {
    /// The time.
    fn enqueued_at(&self) -> Option<SystemTime>;
}
impl<T: Into<SystemTime> + Clone> EnqueuedAt for T {
    fn enqueued_at(&self) -> Option<SystemTime> {
        Some(self.clone().into())
    }
}

/// A task about to be entered.
#[derive(Debug)]
pub struct Task(());

/// Takes down what a task says of its run; `f` runs only when someone wants it.
pub fn task(site: &'static CallSite, f: impl FnOnce(&mut TaskInfo)) -> Task {
    let _ = (site, f);
    Task(())
}

pin_project_lite::pin_project! {
    /// The one wrapper of an annotated future: entered per poll, ended when the future is.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Watch<F, O> {
        #[pin]
        future: F,
        observe: Option<O>,
        site: &'static CallSite,
    }
}

impl<F: Future, O: FnOnce(Call, F::Output) -> F::Output> Future for Watch<F, O> {
    type Output = F::Output;
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let out = std::task::ready!(this.future.poll(cx));
        let call = enter(this.site);
        Poll::Ready(match this.observe.take() {
            Some(observe) => observe(call, out),
            None => out,
        })
    }
}

/// Watches the future of an `async fn`.
#[inline(always)]
pub fn watch<F: Future, O: FnOnce(Call, F::Output) -> F::Output>(
    site: &'static CallSite,
    future: F,
    observe: O,
) -> Watch<F, O> {
    Watch { future, observe: Some(observe), site }
}

/// Watches a future that a function returned, with the values taken at the call.
#[inline(always)]
pub fn watch_with<F: Future, O: FnOnce(Call, F::Output) -> F::Output>(
    site: &'static CallSite,
    values: Held,
    future: F,
    observe: O,
) -> Watch<F, O> {
    let _ = values;
    Watch { future, observe: Some(observe), site }
}

/// Watches the future of a task.
#[inline(always)]
pub fn watch_task<F: Future, O: FnOnce(Call, F::Output) -> F::Output>(
    site: &'static CallSite,
    task: Task,
    values: Held,
    future: F,
    observe: O,
) -> Watch<F, O> {
    let _ = (task, values);
    Watch { future, observe: Some(observe), site }
}

/// Asks a return value whether it is a `Result`, where its type does not say so by name: `(&&Ask(&out)).error(..)`.
#[derive(Debug)]
pub struct Ask<'a, R>(pub &'a R);

/// Any value as a field, for `?value`.
pub fn debug<T: Debug + ?Sized>(value: &T) -> Value {
    crate::context::by_debug(value)
}
/// Any value as a field, for `%value`.
pub fn display<T: Display + ?Sized>(value: &T) -> Value {
    crate::context::by_display(value)
}
/// A bare value as a field.
pub fn value<T: ToValue + ?Sized>(value: &T) -> Value {
    value.to_value()
}

/// The value of a field whose key looks secret: one of the three words must have been said.
#[diagnostic::on_unimplemented(
    message = "a field that looks like a secret or personal data needs a word",
    label = "may not leave as it is",
    note = "write `watchpost::redact::masked(&value)`, `hashed(&value)` or `exposed(&value)`"
)]
pub trait IsGuarded {
    /// The value as it may leave.
    fn into_value(self) -> Value;
}
impl IsGuarded for Guarded {
    fn into_value(self) -> Value {
        self.to_value()
    }
}
/// See [`IsGuarded`].
pub fn guarded<T: IsGuarded>(value: T) -> Value {
    value.into_value()
}
