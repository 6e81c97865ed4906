//! What the macros call. Not for people: names and meanings change with any version.
//!
//! The expansions, by the function's kind (`R` is the return type with `impl Trait` erased to `_`; `SITE` a static
//! [`CallSite`]):
//!
//! ```text
//! sync, outcome not looked at     let __call = enter(&SITE); VALUES BODY
//! sync, outcome looked at         let __call = enter(&SITE); let __out = call_once(move || -> R { REBIND VALUES BODY });
//!                                 OBSERVE(__call, __out)
//! async fn                        let __future = async move { EDGE REBIND VALUES BODY };
//!                                 if passes() { __future.await } else { watch(watching(&SITE, OBSERVER), __future).await }
//! boxed and impl futures          let mut __held = Held::new(); let __lent = &mut __held;
//!                                 let __future = call_once(move || -> R { REBIND __lent.take(&SITE, |v| ..); BODY });
//!                                 [Box::pin](watch(watching_with(&SITE, __held, OBSERVER), __future))
//! a task                          the same with `enter_task(&SITE, task(&SITE, |t| ..))`, `watching_task(&SITE, task(..), held, ..)`
//! BODY                            '__body: {body}, the last expression of a block of edition 2024: temporaries end with it
//! EDGE                            if false { return never::<R>(); }
//! VALUES                          values(&SITE, |v| { v.field(..); v.tag(..); v.context(..); v.arg(..); });
//! OBSERVE(call, out), a `Result`  let face = faces(&out).watchpost_face(); observe(call, out, face), observe_with(call, out, face, |err, words| ..)
//! OBSERVE, an unknown name        let returned = returned(&out); let way = ask(&returned).watchpost_way();
//!                                 let face = faces_by(&way, &returned).watchpost_face(); settle(way, call, out, face)
//! OBSERVE, no `Result`            done(call, out)
//! OBSERVER                        the same to be done at the end, by `let __returned = Returned::<R>::named();`, or where R has no name
//!                                 `let (__future, __returned) = returned_by(__future);`: observer(..), settler(..), Done; with words of the
//!                                 attribute's own observed_by(&__returned, |call, out| OBSERVE(call, out)), by observed_with and
//!                                 settled_with, which are lent the outcome
//! ```
//!
//! What is inlined always is so in an optimised build alone. In a debug build it is called: each copy of it would be compiled once
//! more, which was half of what the attributes cost a build.
//!
//! A guard tells nothing but how the function was left: dropped while nothing unwinds, a [`Call`] ends well.

pub use std::boxed::Box;
pub use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::SystemTime;

pub use sentry_core::Level;
pub use sentry_core::protocol::{SpanStatus, Value};

pub use crate::capture::classify::{Classify, Policy, Retry};
/// What tells of an error.
pub use crate::capture::face::{Face, Known};
pub use crate::capture::told::Told;
pub use crate::capture::values::{Values, Words};
#[cfg(feature = "catalog")]
pub use inventory::submit;

#[cfg(feature = "catalog")]
pub use crate::catalog::{Derived, Registered, RegisteredType, TypeSite};
pub use crate::context::{Fields, Part, SentryContext, SentryUser, ToValue, UserFields};
pub use crate::main_fn::{OnConfigError, run, start};
pub use crate::redact::{Guarded, exposed, hashed, masked};
pub use crate::release;
pub use crate::site::{CallSite, CronSite, Kind, Report, TaskSite};
use crate::span::{self, End, Start};

/// Calls `f`; the bound fixes the closure's kind, so that what it captures may be moved out and lent on.
#[inline]
pub fn call_once<R, F: FnOnce() -> R>(f: F) -> R {
    f()
}

/// The value of a return edge that is never taken; it gives the body its type at the user's own tokens.
#[expect(clippy::empty_loop, reason = "it is never called, and says so in every type")]
pub fn never<T>() -> T {
    loop {}
}

pub use crate::span::{Call, Observe, Watch, Watching};
/// For transports that want what is below a root put straight into its envelope, at once or on another thread.
pub use crate::span::{hand_over, take_spans};

/// Enters an annotated function on this thread.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn enter(site: &'static CallSite) -> Call {
    span::enter(site)
}

/// Enters a task: a transaction of its own in a scope of its own.
pub fn enter_task(site: &'static CallSite, task: Task) -> Call {
    span::enter_task(site, task.0)
}

/// Ends a call whose outcome cannot be told: ok.
#[inline]
pub fn done<R>(call: Call, out: &R) {
    let _ = out;
    call.end(End::Ok);
}

/// What an annotated function returns, or its future comes to: a type, told by a value of it.
#[derive(Debug)]
pub struct Returned<R>(PhantomData<fn() -> R>);

impl<R> Returned<R> {
    /// By its name.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn named() -> Self {
        Self(PhantomData)
    }
}

/// By what it returned.
#[inline]
pub fn returned<R>(out: &R) -> Returned<R> {
    let _ = out;
    Returned(PhantomData)
}

/// By the future that comes to it, which is given back: one that was borrowed would stand in the caller's own future twice.
#[inline]
pub fn returned_by<F: Future>(future: F) -> (F, Returned<F::Output>) {
    (future, Returned(PhantomData))
}

/// The faces of an error, of which the richest is chosen: `faces(&out).watchpost_face()`, with no trait to be imported.
#[inline]
pub fn faces<R: Outcome>(out: &R) -> Known<R::Error> {
    let _ = out;
    Known::faces()
}

/// The same of an error that a future comes to.
#[inline]
pub fn faces_of<R: Outcome>(returned: &Returned<R>) -> Known<R::Error> {
    let _ = returned;
    Known::faces()
}

/// The same of an error that is told in this way.
#[inline]
pub fn faces_by<W: Way<R>, R>(way: &W, returned: &Returned<R>) -> Known<W::Error> {
    let _ = (way, returned);
    Known::faces()
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
    #[inline]
    fn error(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

/// Ends a call by its outcome, which goes through: one that is lent instead is kept in memory, and each call is longer. `face` is
/// asked only about an error that someone wants to know of.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn observe<R: Outcome>(call: Call, out: R, face: Face<R::Error>) -> R {
    ended(call, out.error(), face);
    out
}

/// As [`observe`]; `late` has the attribute's own words about the error and is asked first.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn observe_with<R: Outcome>(
    call: Call,
    out: R,
    face: Face<R::Error>,
    late: impl FnOnce(&R::Error, &mut Words),
) -> R {
    ended_with(call, out.error(), face, late);
    out
}

/// [`observe_with`] at the end of a future.
#[inline]
pub fn observed_with<R: Outcome>(call: Call, out: &R, face: Face<R::Error>, late: impl FnOnce(&R::Error, &mut Words)) {
    ended_with(call, out.error(), face, late);
}

/// [`observe`] at the end of a future.
#[derive(Debug)]
pub struct Observer<E>(Face<E>);

/// See [`Observer`].
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn observer<R: Outcome>(returned: &Returned<R>, face: Face<R::Error>) -> Observer<R::Error> {
    let _ = returned;
    Observer(face)
}

impl<R: Outcome> Observe<R> for Observer<R::Error> {
    #[inline]
    fn observe(self, call: Call, out: &R) {
        ended(call, out.error(), self.0);
    }
}

/// [`done`] at the end of a future.
#[derive(Debug)]
pub struct Done;

impl<R> Observe<R> for Done {
    #[inline]
    fn observe(self, call: Call, out: &R) {
        done(call, out);
    }
}

/// The attribute's own way to look at what a future came to.
#[inline]
pub fn observed_by<R, F: FnOnce(Call, &R)>(returned: &Returned<R>, f: F) -> F {
    let _ = returned;
    f
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn ended<E>(call: Call, err: Option<&E>, face: Face<E>) {
    if call.is_open() {
        match err {
            None => call.end(End::Ok),
            Some(err) => span::failed(call, &face(err), None),
        }
    }
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn ended_with<E>(call: Call, err: Option<&E>, face: Face<E>, late: impl FnOnce(&E, &mut Words)) {
    if call.is_open() {
        match err {
            None => call.end(End::Ok),
            Some(err) => {
                let mut late = Some(late);
                let mut say = |words: &mut Words| {
                    if let Some(late) = late.take() {
                        late(err, words);
                    }
                };
                span::failed(call, &face(err), Some(&mut say));
            }
        }
    }
}

/// Records values for the call that is innermost on this thread; `f` runs only when someone wants them.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn values(site: &'static CallSite, f: impl FnOnce(&mut Values)) {
    if span::wants_values() {
        let mut values = Values::default();
        f(&mut values);
        span::attach(site, values);
    }
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
        let _ = site;
        if span::may_record() {
            let mut values = Values::default();
            f(&mut values);
            self.0 = Some(Box::new(values));
        }
    }
}

pub use crate::task::info::{Count, IntoTrace, TaskInfo};

/// A time that becomes [`SystemTime`], optional or lent: `when(&value).watchpost_time()`.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn when<T>(value: &T) -> When<'_, T> {
    When(WhenLent(WhenInto(value)))
}
/// Options.
#[derive(Debug)]
pub struct When<'a, T>(WhenLent<'a, T>);
/// References.
#[derive(Debug)]
pub struct WhenLent<'a, T>(WhenInto<'a, T>);
/// `Into<SystemTime> + Clone`.
#[derive(Debug)]
pub struct WhenInto<'a, T>(&'a T);

impl<'a, T> Deref for When<'a, T> {
    type Target = WhenLent<'a, T>;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deref(&self) -> &WhenLent<'a, T> {
        &self.0
    }
}
impl<'a, T> Deref for WhenLent<'a, T> {
    type Target = WhenInto<'a, T>;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deref(&self) -> &WhenInto<'a, T> {
        &self.0
    }
}
impl<T: EnqueuedAt> When<'_, Option<T>> {
    /// The time, if there is one.
    pub fn watchpost_time(&self) -> Option<SystemTime> {
        self.0.0.0.as_ref().map(EnqueuedAt::enqueued_at)
    }
}
impl<T: EnqueuedAt> When<'_, &Option<T>> {
    /// The time, if there is one.
    pub fn watchpost_time(&self) -> Option<SystemTime> {
        self.0.0.0.as_ref().map(EnqueuedAt::enqueued_at)
    }
}
impl<T: EnqueuedAt> WhenLent<'_, &T> {
    /// The time.
    pub fn watchpost_time(&self) -> Option<SystemTime> {
        Some(self.0.0.enqueued_at())
    }
}
impl<T> WhenInto<'_, T> {
    /// The time.
    pub fn watchpost_time(&self) -> Option<SystemTime>
    where
        T: EnqueuedAt,
    {
        Some(self.0.enqueued_at())
    }
}

/// A time that can be told as [`SystemTime`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no point in time",
    label = "cannot be told as `SystemTime`",
    note = "`enqueued_at` takes what is `Into<std::time::SystemTime> + Clone`, or an option of it"
)]
pub trait EnqueuedAt {
    /// The time.
    fn enqueued_at(&self) -> SystemTime;
}
#[diagnostic::do_not_recommend]
impl<T: Into<SystemTime> + Clone> EnqueuedAt for T {
    fn enqueued_at(&self) -> SystemTime {
        self.clone().into()
    }
}

/// A task about to be entered.
#[derive(Debug)]
pub struct Task(Option<Box<Start>>);

/// Takes down what a task says of its run; `f` runs only when someone wants it.
pub fn task(site: &'static CallSite, f: impl FnOnce(&mut TaskInfo)) -> Task {
    Task(span::may_record().then(|| {
        let mut info = TaskInfo::default();
        f(&mut info);
        Box::new(Start::of_task(site, info.0))
    }))
}

/// Fixes what a future comes to, so that the compiler knows the error's type before it is asked for its face.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn comes_to<T, F: Future<Output = T>>(future: F) -> F {
    future
}

/// Whether the future of an `async fn`, which is polled for the first time, need not be watched.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn passes() -> bool {
    span::passes()
}

/// A call of an `async fn` that does not [pass](passes); `observe` is told what its future comes to.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn watching<O>(site: &'static CallSite, observe: O) -> Watching<O> {
    Watching::asked(site, observe)
}

/// A call whose future is polled later, with the values taken at the call of a function that returns a future.
#[inline]
pub fn watching_with<O>(site: &'static CallSite, values: Held, observe: O) -> Watching<O> {
    Watching::new(site, observe).with(values.0.map(|values| Box::new(Start { values: *values, ..Start::default() })))
}

/// The same of a task.
#[inline]
pub fn watching_task<O>(site: &'static CallSite, task: Task, values: Held, observe: O) -> Watching<O> {
    let start = task.0.map(|mut start| {
        if let Some(values) = values.0 {
            start.values.absorb(*values);
        }
        start
    });
    Watching::new(site, observe).with(start)
}

/// Watches its future.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn watch<F: Future, O: Observe<F::Output>>(watching: Watching<O>, future: F) -> Watch<F, O> {
    Watch::new(watching, future)
}

/// Asks what is returned how its outcome is told, where its type does not say so by name: `ask(&returned).watchpost_way()`.
#[inline]
pub fn ask<R>(returned: &Returned<R>) -> Ask<R> {
    let _ = returned;
    Ask(AskFuture(AskNothing(PhantomData)))
}

/// Is it a `Result`?
#[derive(Debug)]
pub struct Ask<R>(AskFuture<R>);
/// Is it a future?
#[derive(Debug)]
pub struct AskFuture<R>(AskNothing<R>);
/// It is neither.
#[derive(Debug)]
pub struct AskNothing<R>(PhantomData<fn() -> R>);

impl<R> Deref for Ask<R> {
    type Target = AskFuture<R>;
    #[inline]
    fn deref(&self) -> &AskFuture<R> {
        &self.0
    }
}
impl<R> Deref for AskFuture<R> {
    type Target = AskNothing<R>;
    #[inline]
    fn deref(&self) -> &AskNothing<R> {
        &self.0
    }
}
impl<T, E> Ask<Result<T, E>> {
    /// By the `Result`.
    #[inline]
    pub fn watchpost_way(&self) -> ByResult {
        ByResult
    }
}
impl<R: Future> AskFuture<R> {
    /// Not here: at the future's end.
    #[inline]
    pub fn watchpost_way(&self) -> ByFuture {
        ByFuture
    }
}
impl<R> AskNothing<R> {
    /// Not at all.
    #[inline]
    pub fn watchpost_way(&self) -> ByNothing {
        ByNothing
    }
}

/// The value is a `Result`.
#[derive(Debug, Clone, Copy)]
pub struct ByResult;
/// The value is a future, which runs after the call.
#[derive(Debug, Clone, Copy)]
pub struct ByFuture;
/// The value tells nothing.
#[derive(Debug, Clone, Copy)]
pub struct ByNothing;

/// How the outcome of an `R` is told.
pub trait Way<R> {
    /// The error's type.
    type Error;
    /// The error, if it is one.
    fn error(self, out: &R) -> Option<&Self::Error>;
}
impl<T, E> Way<Result<T, E>> for ByResult {
    type Error = E;
    #[inline]
    fn error(self, out: &Result<T, E>) -> Option<&E> {
        out.as_ref().err()
    }
}
impl<R> Way<R> for ByNothing {
    type Error = Infallible;
    #[inline]
    fn error(self, _: &R) -> Option<&Infallible> {
        None
    }
}
impl<R: Future> Way<R> for ByFuture {
    type Error = Infallible;
    #[inline]
    fn error(self, _: &R) -> Option<&Infallible> {
        None
    }
}

/// A value that the call itself came to, not a future that comes to it later.
#[diagnostic::on_unimplemented(
    message = "this function returns a future, and the attribute cannot tell how it is made",
    label = "a future that runs after the call",
    note = "add the argument `future` to watch it when it is polled (for aliases of `Pin<Box<dyn Future ..>>`), or `future = false` to watch the call alone"
)]
pub trait AtTheCall {}
impl AtTheCall for ByResult {}
impl AtTheCall for ByNothing {}
/// See [`AtTheCall`].
#[inline]
pub fn at_the_call(_: &impl AtTheCall) {}

/// A value whose errors can be told.
#[diagnostic::on_unimplemented(
    message = "`#[capture_errors]` needs a function that returns `Result`, not `{Self}`",
    label = "the outcome of this type cannot be told",
    note = "return a `Result`, or report errors inside the function with `watchpost::capture_error(&err).send()`"
)]
pub trait HasOutcome<W> {}
impl<R> HasOutcome<ByResult> for R {}
// What is wrong with these, `AtTheCall` says.
impl<R> HasOutcome<ByFuture> for R {}
/// See [`HasOutcome`].
#[inline]
pub fn has_outcome<W, R: HasOutcome<W>>(_: &W, _: &Returned<R>) {}

/// Ends a call by its outcome, told in the way that the value's type allows.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn settle<W: Way<R>, R>(way: W, call: Call, out: R, face: Face<W::Error>) -> R {
    ended(call, way.error(&out), face);
    out
}

/// As [`settle`]; `late` has the attribute's own words about the error.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn settle_with<W: Way<R>, R>(
    way: W,
    call: Call,
    out: R,
    face: Face<W::Error>,
    late: impl FnOnce(&W::Error, &mut Words),
) -> R {
    ended_with(call, way.error(&out), face, late);
    out
}

/// [`settle_with`] at the end of a future.
#[inline]
pub fn settled_with<W: Way<R>, R>(
    way: W,
    call: Call,
    out: &R,
    face: Face<W::Error>,
    late: impl FnOnce(&W::Error, &mut Words),
) {
    ended_with(call, way.error(out), face, late);
}

/// [`settle`] at the end of a future.
#[derive(Debug)]
pub struct Settler<W, E>(W, Face<E>);

/// See [`Settler`].
#[inline]
pub fn settler<W: Way<R>, R>(returned: &Returned<R>, way: W, face: Face<W::Error>) -> Settler<W, W::Error> {
    let _ = returned;
    Settler(way, face)
}

impl<R, W: Way<R>> Observe<R> for Settler<W, W::Error> {
    #[inline]
    fn observe(self, call: Call, out: &R) {
        ended(call, self.0.error(out), self.1);
    }
}

/// An argument for the function's stack frame: by [`ToValue`], else by `Debug`, else by its type's name.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn shown<T: ?Sized>(value: &T) -> Shown<'_, T> {
    Shown(ShownDebug(ShownName(value)))
}
/// By [`ToValue`].
#[derive(Debug)]
pub struct Shown<'a, T: ?Sized>(ShownDebug<'a, T>);
/// By `Debug`.
#[derive(Debug)]
pub struct ShownDebug<'a, T: ?Sized>(ShownName<'a, T>);
/// By its type's name.
#[derive(Debug)]
pub struct ShownName<'a, T: ?Sized>(&'a T);

impl<'a, T: ?Sized> Deref for Shown<'a, T> {
    type Target = ShownDebug<'a, T>;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deref(&self) -> &ShownDebug<'a, T> {
        &self.0
    }
}
impl<'a, T: ?Sized> Deref for ShownDebug<'a, T> {
    type Target = ShownName<'a, T>;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn deref(&self) -> &ShownName<'a, T> {
        &self.0
    }
}
impl<T: ToValue + ?Sized> Shown<'_, T> {
    /// The value.
    pub fn watchpost_value(&self) -> Value {
        value(self.0.0.0)
    }
}
impl<T: Debug + ?Sized> ShownDebug<'_, T> {
    /// The value.
    pub fn watchpost_value(&self) -> Value {
        debug(self.0.0)
    }
}
impl<T: ?Sized> ShownName<'_, T> {
    /// The value.
    pub fn watchpost_value(&self) -> Value {
        Value::from(std::any::type_name::<T>())
    }
}

/// The parts of a fingerprint.
pub fn texts(parts: &[&dyn Display]) -> Vec<String> {
    parts.iter().map(ToString::to_string).collect()
}

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
    /// The text as it may leave.
    fn into_text(self) -> String;
}
impl IsGuarded for Guarded {
    fn into_value(self) -> Value {
        self.to_value()
    }
    fn into_text(self) -> String {
        self.marked()
    }
}
impl IsGuarded for Option<Guarded> {
    fn into_value(self) -> Value {
        self.to_value()
    }
    fn into_text(self) -> String {
        self.map(IsGuarded::into_text).unwrap_or_default()
    }
}
/// See [`IsGuarded`].
pub fn guarded<T: IsGuarded>(value: T) -> Value {
    value.into_value()
}
/// The same for a tag.
pub fn guarded_tag<T: IsGuarded>(value: T) -> String {
    value.into_text()
}
