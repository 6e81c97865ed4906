//! Random programs of calls, awaits, joins, panics, cancellations and moves between threads: the tree that is sent is the tree
//! that ran.
//!
//! The program carries the truth with it: every call is given the number of the call above as an argument, and tells its
//! outcome by a guard of its own. Neither asks the engine. `WATCHPOST_MODEL_CASES` sets how many programs are played.
//!
//! Spans that somebody opens by hand are among them. Such a span hangs off the one that the scope shows: that of the nearest
//! root, of a function with `scope`, or of one by hand. What is called below it hangs off it if it was opened on a hub of its own, or if the
//! function looks at the scope itself; else nobody tells us of it. An event belongs to what the scope shows if that was opened by hand.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use proptest::prelude::*;
use sentry_core::protocol::SpanStatus;
use sentry_core::{Hub, SentryFutureExt as _, TransactionContext, TransactionOrSpan};
use watchpost::testing::{Captured, capture, capture_with, options};
use watchpost::{InCurrentSpan as _, InCurrentSpanFn as _, monitor_performance, monitored_task};

/// What a call does, one after the other.
#[derive(Debug, Clone)]
enum Op {
    /// Calls an annotated function.
    Call(Vec<Op>),
    /// Calls one that is a transaction of its own.
    Root(Vec<Op>),
    /// Calls one that shows itself on the scope.
    Shown(Vec<Op>),
    /// Awaits an annotated future; a synchronous caller polls it to its end.
    Await(Vec<Op>),
    /// Awaits a task.
    Task(Vec<Op>),
    /// Awaits several at once.
    Join(Vec<Vec<Op>>),
    /// Polls an annotated future so often and drops it.
    Cancel(u8, Vec<Op>),
    /// Lets others run.
    Yield,
    /// Panics, up to the next `Catch`.
    Panic,
    Catch(Vec<Op>),
    /// Returns an error from the call.
    Fail,
    /// A thread that the span is carried to, joined.
    Thread(Vec<Op>),
    /// A future that is driven by another thread, joined.
    Spawn(Vec<Op>),
    /// The same, not joined.
    Detach(Vec<Op>),
    /// Binds a hub that is a copy of the current one.
    Bind(Vec<Op>),
    /// Opens a span as sentry's documentation shows it, around what runs to its end on this thread.
    Hand(Vec<Op>),
    /// Awaits a future with a hub of its own, on which such a span is shown.
    HandAwait(Vec<Op>),
    /// Polls such a future so often and drops it.
    HandCancel(u8, Vec<Op>),
    /// Captures a message.
    Event,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let leaf = prop_oneof![
        6 => Just(Op::Yield),
        4 => Just(Op::Event),
        1 => Just(Op::Panic),
        2 => Just(Op::Fail),
        4 => Just(Op::Call(Vec::new())),
        2 => Just(Op::Await(Vec::new())),
    ];
    let op = leaf.prop_recursive(6, 40, 5, |op| {
        let ops = || prop::collection::vec(op.clone(), 0..5);
        prop_oneof![
            6 => ops().prop_map(Op::Call),
            6 => ops().prop_map(Op::Await),
            1 => ops().prop_map(Op::Root),
            1 => ops().prop_map(Op::Shown),
            1 => ops().prop_map(Op::Task),
            3 => prop::collection::vec(ops(), 1..4).prop_map(Op::Join),
            3 => (0..4_u8, ops()).prop_map(|(polls, ops)| Op::Cancel(polls, ops)),
            3 => ops().prop_map(Op::Catch),
            1 => ops().prop_map(Op::Thread),
            1 => ops().prop_map(Op::Spawn),
            1 => ops().prop_map(Op::Detach),
            1 => ops().prop_map(Op::Bind),
            2 => ops().prop_map(Op::Hand),
            2 => ops().prop_map(Op::HandAwait),
            1 => (0..4_u8, ops()).prop_map(|(polls, ops)| Op::HandCancel(polls, ops)),
        ]
    });
    prop::collection::vec(op, 0..6)
}

/// What really ran.
#[derive(Default)]
struct Truth {
    next: AtomicU32,
    calls: Mutex<BTreeMap<u32, (u32, SpanStatus)>>,
    /// The call that each message was captured in, by the message's number.
    events: Mutex<BTreeMap<u32, u32>>,
    detached: Mutex<Vec<thread::JoinHandle<()>>>,
}

impl Truth {
    fn number(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Where an op is played, by the numbers of the spans around it.
#[derive(Debug, Clone, Copy)]
struct At {
    /// The innermost call.
    call: u32,
    /// What the scope shows.
    shown: u32,
    /// What it shows was opened by hand.
    by_hand: bool,
    /// Another hub was bound since the innermost call began: the next one looks at the scope.
    looks: bool,
    /// Whoever carried this over may be gone: then what begins here is a root, which only it knows.
    loose: bool,
    /// The transaction is somebody else's, or a span above is: what outlives that is lost with it.
    theirs: bool,
}

impl At {
    const TOP: Self = Self { call: 0, shown: 0, by_hand: false, looks: false, loose: false, theirs: false };

    /// What a call hangs off.
    fn above(self) -> u32 {
        if self.looks || self.call == 0 { self.exact() } else { self.call }
    }
    /// The same for one that looks at the scope in any case; and what an event belongs to.
    fn exact(self) -> u32 {
        if self.by_hand { self.shown } else { self.call }
    }
    /// Inside of a call. What begins outside of any is a root, and shown, and so is what begins right below a span that is not ours.
    fn call(self, call: u32) -> Self {
        if self.call == 0 || self.looks && self.by_hand {
            self.shown(call)
        } else {
            Self { call, looks: false, ..self }
        }
    }
    /// Inside of one that the scope shows.
    fn shown(self, call: u32) -> Self {
        Self { call, shown: call, by_hand: false, looks: false, ..self }
    }
    /// Inside of a span by hand.
    fn hand(self, hand: u32) -> Self {
        Self { shown: hand, by_hand: true, theirs: true, ..self }
    }
    /// On another hub.
    fn bound(self) -> Self {
        Self { looks: true, ..self }
    }
    /// Where this is carried to: the scope there shows the very span.
    fn carried(self) -> Self {
        Self { shown: self.exact(), looks: self.by_hand, ..self }
    }
}

/// Tells how a call ended; made first thing in it.
struct Outcome {
    truth: Arc<Truth>,
    call: u32,
    above: u32,
    inside: At,
    status: Option<SpanStatus>,
    panicking: bool,
    /// Whether the call's own code is running: a future that waits and is dropped by a panic elsewhere has not panicked.
    running: Arc<AtomicBool>,
}

impl Outcome {
    fn of(truth: &Arc<Truth>, call: u32, above: u32, inside: At) -> Self {
        Self {
            truth: truth.clone(),
            call,
            above,
            inside,
            status: None,
            panicking: thread::panicking(),
            running: Arc::new(AtomicBool::new(true)),
        }
    }
    /// Plays the ops of the call.
    fn play<'a>(&self, truth: &'a Arc<Truth>, ops: &'a [Op]) -> Running<'a> {
        Running(self.running.clone(), play(truth, self.inside, ops))
    }
    fn told(mut self, out: Result<(), ()>) -> Result<(), ()> {
        self.status = Some(if out.is_ok() { SpanStatus::Ok } else { SpanStatus::InternalError });
        out
    }
}

impl Drop for Outcome {
    fn drop(&mut self) {
        let status =
            self.status.unwrap_or(if thread::panicking() && !self.panicking && self.running.load(Ordering::Relaxed) {
                SpanStatus::InternalError
            } else {
                SpanStatus::Cancelled
            });
        self.truth.calls.lock().unwrap().insert(self.call, (self.above, status));
    }
}

type Boxed<'a> = Pin<Box<dyn Future<Output = Result<(), ()>> + Send + 'a>>;

struct Running<'a>(Arc<AtomicBool>, Boxed<'a>);
impl Future for Running<'_> {
    type Output = Result<(), ()>;
    fn poll(mut self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.store(true, Ordering::Relaxed);
        let polled = self.1.as_mut().poll(waking);
        self.0.store(false, Ordering::Relaxed);
        polled
    }
}

#[monitor_performance(fields(n))]
fn call(truth: &Arc<Truth>, n: u32, at: At, ops: &[Op]) -> Result<(), ()> {
    let outcome = Outcome::of(truth, n, at.above(), at.call(n));
    let out = drive(outcome.play(truth, ops));
    outcome.told(out)
}
#[monitor_performance(root, fields(n))]
fn root(truth: &Arc<Truth>, n: u32, at: At, ops: &[Op]) -> Result<(), ()> {
    let outcome = Outcome::of(truth, n, at.exact(), at.shown(n));
    let out = drive(outcome.play(truth, ops));
    outcome.told(out)
}
#[monitor_performance(scope, fields(n))]
fn shown(truth: &Arc<Truth>, n: u32, at: At, ops: &[Op]) -> Result<(), ()> {
    let outcome = Outcome::of(truth, n, at.exact(), at.shown(n));
    let out = drive(outcome.play(truth, ops));
    outcome.told(out)
}
#[monitor_performance(fields(n))]
async fn awaited(truth: Arc<Truth>, n: u32, at: At, ops: Vec<Op>) -> Result<(), ()> {
    let outcome = Outcome::of(&truth, n, at.above(), at.call(n));
    let out = outcome.play(&truth, &ops).await;
    outcome.told(out)
}
#[monitored_task(fields(n))]
async fn task(truth: Arc<Truth>, n: u32, at: At, ops: Vec<Op>) -> Result<(), ()> {
    let outcome = Outcome::of(&truth, n, at.exact(), at.shown(n));
    let out = outcome.play(&truth, &ops).await;
    outcome.told(out)
}

/// Plays the ops of call `n`. An error is not passed up: the callers' outcomes are their own.
fn play<'a>(truth: &'a Arc<Truth>, at: At, ops: &'a [Op]) -> Boxed<'a> {
    Box::pin(async move {
        for op in ops {
            step(truth, at, op).await?;
        }
        Ok(())
    })
}

async fn step(truth: &Arc<Truth>, at: At, op: &Op) -> Result<(), ()> {
    let start = |at: At, ops: &[Op]| awaited(truth.clone(), truth.number(), at, ops.to_vec());
    match op {
        Op::Call(ops) => drop(call(truth, truth.number(), at, ops)),
        Op::Root(ops) => drop(root(truth, truth.number(), at, ops)),
        Op::Shown(ops) => drop(shown(truth, truth.number(), at, ops)),
        Op::Await(ops) => drop(start(at, ops).await),
        Op::Task(ops) => drop(task(truth.clone(), truth.number(), at, ops.clone()).await),
        Op::Join(all) => Join(all.iter().map(|ops| Some(Box::pin(start(at, ops)) as Boxed<'_>)).collect()).await,
        Op::Cancel(polls, ops) => cancel(*polls, Box::pin(start(at, ops))).await,
        Op::Yield => yield_once().await,
        Op::Panic => resume_unwind(Box::new("on purpose")),
        Op::Catch(ops) => drop(Caught(play(truth, at, ops)).await),
        Op::Fail => return Err(()),
        Op::Thread(ops) => {
            let (truth, ops) = (truth.clone(), ops.clone());
            let work = (move || drop(drive(play(&truth, at.carried(), &ops)))).in_current_span();
            let _ = thread::spawn(work).join();
        }
        Op::Spawn(ops) | Op::Detach(ops) if at.theirs => {
            let future = start(at.carried(), ops).in_current_span();
            let _ = thread::spawn(move || drop(drive(future))).join();
        }
        Op::Spawn(ops) => {
            let future = start(At { loose: true, ..at.carried() }, ops).in_current_span();
            let handle = Left(truth.clone(), Some(thread::spawn(move || drop(drive(future)))));
            yield_once().await;
            handle.join();
        }
        Op::Detach(ops) => {
            let future = start(At { loose: true, ..at.carried() }, ops).in_current_span();
            let handle = thread::spawn(move || drop(drive(future)));
            truth.detached.lock().unwrap().push(handle);
        }
        Op::Bind(ops) => {
            let hub = Arc::new(Hub::new_from_top(Hub::current()));
            drop(play(truth, at.bound(), ops).bind_hub(hub).await);
        }
        Op::Hand(ops) | Op::HandAwait(ops) | Op::HandCancel(_, ops) if at.loose => drop(play(truth, at, ops).await),
        Op::Hand(ops) => {
            let hand = Hand::open(truth, at);
            drop(drive(play(truth, at.hand(hand.number), ops)));
        }
        Op::HandAwait(ops) => hand_await(truth, at, ops).await,
        Op::HandCancel(polls, ops) => cancel(*polls, Box::pin(hand_await(truth, at, ops))).await,
        Op::Event => {
            let number = truth.number();
            truth.events.lock().unwrap().insert(number, at.exact());
            sentry_core::capture_message(&number.to_string(), sentry_core::Level::Info);
        }
    }
    Ok(())
}

/// Polls a future so often at most.
async fn cancel<F: Future>(mut polls: u8, mut future: Pin<Box<F>>) {
    std::future::poll_fn(|waking| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        waking.waker().wake_by_ref();
        future.as_mut().poll(waking).map(drop)
    })
    .await;
}

/// A span as sentry's documentation shows it.
struct Hand {
    truth: Arc<Truth>,
    hub: Arc<Hub>,
    number: u32,
    above: u32,
    span: TransactionOrSpan,
    previous: Option<TransactionOrSpan>,
}

impl Hand {
    fn open(truth: &Arc<Truth>, at: At) -> Self {
        let (hub, number) = (Hub::current(), truth.number());
        let previous = hub.configure_scope(|scope| scope.get_span());
        let span: TransactionOrSpan = match &previous {
            Some(previous) => previous.start_child("hand", "hand").into(),
            None => sentry_core::start_transaction(TransactionContext::new("hand", "hand")).into(),
        };
        span.set_data("n", number.into());
        hub.configure_scope(|scope| scope.set_span(Some(span.clone())));
        Self { truth: truth.clone(), hub, number, above: at.shown, span, previous }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        self.hub.configure_scope(|scope| scope.set_span(self.previous.take()));
        self.span.set_status(SpanStatus::Ok);
        self.span.clone().finish();
        self.truth.calls.lock().unwrap().insert(self.number, (self.above, SpanStatus::Ok));
    }
}

async fn hand_await(truth: &Arc<Truth>, at: At, ops: &[Op]) {
    let hub = Arc::new(Hub::new_from_top(Hub::current()));
    async {
        let hand = Hand::open(truth, at);
        drop(play(truth, at.bound().hand(hand.number), ops).await);
    }
    .bind_hub(hub)
    .await;
}

/// A thread that is joined at the program's end if whoever waited for it is gone.
struct Left(Arc<Truth>, Option<thread::JoinHandle<()>>);
impl Left {
    fn join(mut self) {
        if let Some(handle) = self.1.take() {
            let _ = handle.join();
        }
    }
}
impl Drop for Left {
    fn drop(&mut self) {
        self.0.detached.lock().unwrap().extend(self.1.take());
    }
}

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|waking| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        waking.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

struct Join<'a>(Vec<Option<Boxed<'a>>>);
impl Future for Join<'_> {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<()> {
        for future in &mut self.0 {
            if future.as_mut().is_some_and(|future| future.as_mut().poll(waking).is_ready()) {
                *future = None;
            }
        }
        if self.0.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    }
}

struct Caught<'a>(Boxed<'a>);
impl Future for Caught<'_> {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<()> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(waking))) {
            Ok(polled) => polled.map(drop),
            Err(_) => Poll::Ready(()),
        }
    }
}

struct Unpark(Thread, AtomicBool);
impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.1.store(true, Ordering::Release);
        self.0.unpark();
    }
}

/// Polls a future to its end on this thread.
fn drive<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let unpark = Arc::new(Unpark(thread::current(), AtomicBool::new(false)));
    let waker = Waker::from(unpark.clone());
    loop {
        if let Poll::Ready(out) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return out;
        }
        // Calls nest on this thread, and with them this loop: each has a word of its own.
        while !unpark.1.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

/// Polls a future to its end, each time on another thread.
fn drive_on_many(mut future: Boxed<'static>) {
    loop {
        let hub = Hub::current();
        let polled = thread::spawn(move || {
            Hub::run(hub, || {
                let ready = future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
                (!ready).then_some(future)
            })
        })
        .join();
        match polled {
            Ok(Some(again)) => future = again,
            Ok(None) | Err(_) => return,
        }
    }
}

fn run(truth: &Arc<Truth>, programs: &[Vec<Op>], moving: bool, theirs: bool) {
    for program in programs {
        let (n, ops) = (truth.number(), program.clone());
        if theirs {
            let (truth, ops) = (truth.clone(), [Op::Await(ops)]);
            let program = Box::pin(async move { Ok(hand_await(&truth, At::TOP, &ops).await) });
            if moving {
                drive_on_many(program);
            } else {
                let _ = catch_unwind(AssertUnwindSafe(|| drive(program)));
            }
        } else if moving {
            drive_on_many(Box::pin(awaited(truth.clone(), n, At::TOP, ops)));
        } else {
            let _ = catch_unwind(AssertUnwindSafe(|| call(truth, n, At::TOP, &ops)));
        }
    }
    loop {
        let Some(handle) = truth.detached.lock().unwrap().pop() else { break };
        let _ = handle.join();
    }
}

/// What was sent, in the truth's terms.
fn seen(sent: &Captured) -> BTreeMap<u32, (u32, SpanStatus)> {
    let number = |span: &watchpost::testing::CapturedSpan| span.data["n"].as_u64().unwrap() as u32;
    sent.spans
        .iter()
        .map(|span| {
            let above = match span.parent {
                Some(_) => number(sent.parent(span).expect("the span above was sent too")),
                None => 0,
            };
            (number(span), (above, span.status.expect("a status")))
        })
        .collect()
}

fn cases() -> u32 {
    std::env::var("WATCHPOST_MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_that_is_sent_is_the_tree_that_ran(
        programs in prop::collection::vec(ops(), 1..3), moving: bool, theirs: bool, warm: bool,
    ) {
        let truth = Arc::new(Truth::default());
        let sent = capture(|| {
            if warm {
                // A client's first transaction finds out how spans are handed over; later ones go by that.
                let _ = call(&truth, truth.number(), At::TOP, &[]);
            }
            run(&truth, &programs, moving, theirs);
        });
        let calls = truth.calls.lock().unwrap();
        prop_assert_eq!(&seen(&sent), &*calls);
        prop_assert_eq!(sent.spans.len(), calls.len());
        // Errors of tasks are events too.
        let messages = || sent.events.iter().filter_map(|event| Some((event, event.message.as_deref()?)));
        for (event, message) in messages() {
            let number: u32 = message.parse().unwrap();
            let span = sent.span_of(event).expect("the event's span was sent");
            prop_assert_eq!(span.data["n"].as_u64().unwrap() as u32, truth.events.lock().unwrap()[&number]);
        }
        prop_assert_eq!(messages().count(), truth.events.lock().unwrap().len());
        for span in &sent.spans {
            prop_assert!(span.start <= span.end.unwrap());
        }
        // The same once more on the same thread: nothing was left behind by the first.
        let sent = capture(|| drop(call(&Arc::new(Truth::default()), 1, At::TOP, &[])));
        prop_assert_eq!(seen(&sent), BTreeMap::from([(1, (0, SpanStatus::Ok))]));
    }

    #[test]
    fn what_is_not_sampled_is_not_sent(programs in prop::collection::vec(ops(), 1..3), moving: bool, theirs: bool) {
        let truth = Arc::new(Truth::default());
        let sent = capture_with(options().traces_sample_rate(0.0), || run(&truth, &programs, moving, theirs));
        prop_assert!(sent.spans.is_empty());
        let messages = sent.events.iter().filter(|event| event.message.is_some());
        prop_assert_eq!(messages.count(), truth.events.lock().unwrap().len());
    }
}
