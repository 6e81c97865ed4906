//! Where an engine of thread-local state goes wrong: code that runs inside of ours, threads that end, futures that are
//! dropped, forgotten or handed to others.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use sentry_core::protocol::SpanStatus;
use sentry_core::{ClientOptions, Hub};
use watchpost::testing::{Captured, capture, capture_with, options};
use watchpost::{Instrumentation, capture_errors, carry, current_span, monitor_performance, monitored_task, span};

#[monitor_performance]
fn outer(inside: impl FnOnce()) {
    inside();
}
#[monitor_performance]
fn inner() {}

/// Its `Display` is instrumented itself.
#[derive(Debug)]
struct Nosy;
impl fmt::Display for Nosy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        inner();
        span("function", "shows").run(|| current_span().set_field("nosy", true));
        f.write_str("nosy")
    }
}
impl std::error::Error for Nosy {}

#[capture_errors(category = "nosy", tags(tag = Nosy), fields(field = %Nosy))]
#[monitor_performance(fields(x = %Nosy))]
fn nosy(well: bool) -> Result<(), Nosy> {
    inner();
    if well { Ok(()) } else { Err(Nosy) }
}

#[capture_errors(category = "nosy", fields(field = %Nosy))]
#[monitor_performance(fields(x = %Nosy))]
async fn nosy_async() -> Result<(), Nosy> {
    yield_once().await;
    Err(Nosy)
}

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|waking| {
        waking.waker().wake_by_ref();
        if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn drive<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    loop {
        if let Poll::Ready(out) = poll(future.as_mut()) {
            return out;
        }
    }
}

/// Whatever happened before: the thread records as if nothing had.
fn is_clean() {
    let sent = capture(|| outer(inner));
    assert_eq!(sent.tree(), "outer\n  inner\n");
    assert!(!span::is_wanted());
}

fn rates() -> [ClientOptions; 3] {
    let errors_only = || ClientOptions::new().add_integration(Instrumentation::new());
    [options(), options().traces_sample_rate(0.0), errors_only()]
}

#[test]
fn values_and_errors_may_be_instrumented_themselves() {
    for options in rates() {
        let sent = capture_with(options, || {
            outer(|| {
                drop(nosy(true));
                drop(nosy(false));
                drop(drive(nosy_async()));
            });
        });
        assert_eq!(sent.events.len(), 2, "{:?}", sent.events);
        for event in &sent.events {
            assert_eq!(event.exception.values.last().unwrap().value.as_deref(), Some("nosy"));
        }
        for span in sent.spans_named("nosy") {
            assert_eq!((&*sent.parent(span).unwrap().name, &span.data["x"]), ("outer", &"nosy".into()));
        }
        is_clean();
    }
}

/// A recursion of many calls that record nothing, somebody looking at them in between, and an error at the end of it.
#[capture_errors(category = "deep")]
#[monitor_performance]
fn down(left: u32, look_at: &[u32]) -> Result<u32, Nosy> {
    if look_at.contains(&left) {
        current_span().set_field("left", left);
    }
    if left == 0 { Err(Nosy) } else { aside(left, look_at) }
}
#[monitor_performance]
fn aside(left: u32, look_at: &[u32]) -> Result<u32, Nosy> {
    inner();
    down(left - 1, look_at)
}

#[test]
fn calls_that_record_nothing_are_all_there_when_something_goes_wrong() {
    for options in rates() {
        for look_at in [&[][..], &[0], &[7], &[40, 39, 20, 1]] {
            let sent = capture_with(options.clone(), || assert!(down(40, look_at).is_err()));
            assert_eq!(sent.events.len(), 1, "once");
            let frames = &sent.events[0].exception.last().unwrap().stacktrace.as_ref().unwrap().frames;
            let named = |name: &str| {
                frames.iter().filter(|frame| frame.function.as_deref().is_some_and(|told| told.ends_with(name))).count()
            };
            assert_eq!((named("down"), named("aside"), named("inner")), (41, 40, 0), "{look_at:?} {frames:?}");
            assert!(!span::is_wanted());
        }
    }
    is_clean();
}

#[test]
fn hooks_may_be_instrumented_themselves() {
    let options = options()
        .traces_sampler(|_| {
            outer(inner);
            1.0
        })
        .before_send(|event| {
            outer(inner);
            Some(event)
        });
    let sent = capture_with(options, || {
        outer(|| drop(nosy(false)));
    });
    assert_eq!((sent.events.len(), sent.transactions.len()), (1, 1));
    is_clean();
}

/// Runs what it holds when its thread ends.
struct AtTheEnd(RefCell<Option<Box<dyn FnOnce()>>>);
impl Drop for AtTheEnd {
    fn drop(&mut self) {
        if let Some(f) = self.0.take() {
            f();
        }
    }
}
thread_local! {
    static AT_THE_END: AtTheEnd = const { AtTheEnd(RefCell::new(None)) };
}
fn at_the_end(f: impl FnOnce() + 'static) {
    AT_THE_END.with(|end| *end.0.borrow_mut() = Some(Box::new(f)));
}

fn everything() {
    outer(inner);
    drop(nosy(false));
    drop(drive(nosy_async()));
    span("function", "built").run(inner);
    watchpost::transaction("task", "built").run(|| current_span().set_field("a", 1));
    drop(drive(span("function", "built").instrument(yield_once())));
    task();
    drive(task_async());
    drop(carry());
}
#[monitored_task]
fn task() {
    inner();
}
#[monitored_task]
async fn task_async() {
    inner();
}

/// Whatever is alive while a thread ends: a panic there would end the whole process.
#[test]
fn functions_may_be_called_while_a_thread_ends() {
    for options in rates() {
        let sent = capture_with(options, || {
            let hub = Hub::current();
            let on_thread = |f: fn(&std::sync::Arc<Hub>)| {
                let hub = hub.clone();
                std::thread::spawn(move || f(&hub)).join().unwrap();
            };
            // Everything is alive still.
            on_thread(|hub| {
                Hub::run(hub.clone(), || outer(inner));
                let hub = hub.clone();
                at_the_end(move || Hub::run(hub, everything));
            });
            // Ours is gone, sentry's too.
            on_thread(|hub| {
                at_the_end(everything);
                Hub::run(hub.clone(), || outer(inner));
            });
            // Sentry's is gone, ours was never there.
            on_thread(|_| {
                at_the_end(everything);
                drop(Hub::current());
            });
            // Neither was ever there.
            on_thread(|_| at_the_end(everything));
        });
        if !sent.spans.is_empty() {
            assert!(sent.spans_named("built").count() >= 3);
        }
    }
    is_clean();
}

#[test]
fn a_child_that_is_handed_to_another_root_stays_below_its_own() {
    #[monitor_performance]
    async fn child() {
        yield_once().await;
        inner();
    }
    #[monitor_performance]
    async fn first(slot: &RefCell<Option<Boxed>>) {
        let mut future: Boxed = Box::pin(child());
        assert!(poll(future.as_mut()).is_pending());
        *slot.borrow_mut() = Some(future);
    }
    #[monitor_performance]
    async fn second(future: Boxed) {
        future.await;
        inner();
    }
    let sent = capture(|| {
        let slot = RefCell::new(None);
        drive(first(&slot));
        let future = slot.take().unwrap();
        drive(second(future));
    });
    let parent = |name: &str, at: usize| {
        let span = sent.spans_named(name).nth(at).unwrap();
        sent.parent(span).map(|span| span.name.as_str())
    };
    assert_eq!(parent("child", 0), Some("first"));
    let mut above: Vec<_> = (0..2).map(|at| parent("inner", at).unwrap()).collect();
    above.sort_unstable();
    assert_eq!(above, ["child", "second"]);
    is_clean();
}

#[test]
fn a_future_that_is_forgotten_takes_nobody_along() {
    #[monitor_performance]
    async fn never() {
        inner();
        std::future::pending::<()>().await;
    }
    #[monitor_performance]
    async fn forgets() {
        let mut future = Box::pin(never());
        assert!(poll(future.as_mut()).is_pending());
        std::mem::forget(future);
        inner();
    }
    let sent = capture(|| {
        drive(forgets());
        let mut root = Box::pin(never());
        assert!(poll(root.as_mut()).is_pending());
        std::mem::forget(root);
        outer(inner);
    });
    assert_eq!(sent.span("forgets").map(|span| span.status), Some(Some(SpanStatus::Ok)));
    assert_eq!(sent.parent(sent.span("inner").unwrap()).map(|span| span.name.as_str()), Some("forgets"));
    assert!(sent.span("outer").is_some());
    is_clean();
}

struct PanicsWhenDropped;
impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        inner();
        if !std::thread::panicking() {
            std::panic::resume_unwind(Box::new("on purpose"));
        }
    }
}

#[test]
fn values_may_panic_when_they_are_dropped() {
    #[monitor_performance]
    async fn holds() {
        let _value = PanicsWhenDropped;
        yield_once().await;
        std::future::pending::<()>().await;
    }
    #[monitor_performance]
    fn holds_too() {
        let _value = PanicsWhenDropped;
    }
    for options in rates() {
        let sent = capture_with(options, || {
            outer(|| {
                let mut future = Box::pin(holds());
                assert!(poll(future.as_mut()).is_pending());
                assert!(catch_unwind(AssertUnwindSafe(|| drop(future))).is_err());
                assert!(catch_unwind(holds_too).is_err());
                inner();
            });
        });
        if let (Some(held), Some(held_too)) = (sent.span("holds"), sent.span("holds_too")) {
            assert_eq!(held_too.status, Some(SpanStatus::InternalError));
            assert_ne!(held.status, Some(SpanStatus::Ok));
            assert_eq!(sent.tree(), "outer\n  holds\n    inner\n  holds_too\n    inner\n  inner\n");
        }
        is_clean();
    }
}

#[test]
fn a_runtime_within_a_call_within_a_runtime() {
    #[monitor_performance]
    fn blocks() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        std::thread::scope(|threads| {
            let carry = carry();
            threads.spawn(move || carry.run(|| runtime.block_on(async { drop(nosy_async().await) })));
        });
    }
    #[monitor_performance]
    async fn calls() {
        tokio::task::yield_now().await;
        blocks();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let sent = runtime.block_on(watchpost::testing::capture_async(calls()));
    let failed = sent.span("nosy_async").unwrap();
    assert_eq!(sent.parent(failed).unwrap().name, "blocks");
    assert_eq!(sent.span_of(&sent.events[0]).unwrap().name, "nosy_async");
}

#[test]
fn a_thousand_spans_of_two_threads_are_a_thousand() {
    #[monitor_performance]
    fn root() {
        std::thread::scope(|threads| {
            for _ in 0..2 {
                let carry = carry();
                threads.spawn(move || carry.run(|| (0..700).for_each(|_| inner())));
            }
        });
    }
    let sent = capture(root);
    assert_eq!(sent.spans.len(), 1001);
}

#[test]
fn deep_recursion_is_recorded_as_deep_as_it_is() {
    #[monitor_performance]
    fn deep(left: u32) {
        if left > 0 {
            deep(left - 1);
        }
    }
    let sent = capture(|| deep(900));
    let mut depth = 0;
    let mut at = sent.spans.iter().find(|span| sent.children(span).is_empty());
    while let Some(span) = at {
        depth += 1;
        at = sent.parent(span);
    }
    assert_eq!(depth, 901);
}

#[test]
fn a_hub_may_be_bound_within_a_call_and_outlive_it() {
    let sent: Captured = capture(|| {
        let guard = RefCell::new(None);
        outer(|| {
            let hub = std::sync::Arc::new(Hub::new_from_top(Hub::current()));
            *guard.borrow_mut() = Some(sentry_core::HubSwitchGuard::new(hub));
            inner();
        });
        drop(guard);
        outer(inner);
    });
    assert_eq!(sent.transactions.iter().filter(|sent| sent.name.as_deref() == Some("outer")).count(), 2);
    assert_eq!(sent.tree(), "outer\n  inner\nouter\n  inner\n");
    is_clean();
}
