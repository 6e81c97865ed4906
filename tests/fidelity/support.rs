// What the cases observe with.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

thread_local! {
    static NOTES: RefCell<Vec<String>> = RefCell::new(Vec::new());
}

/// Notes that something happened.
pub fn note(text: impl Into<String>) {
    NOTES.with(|notes| notes.borrow_mut().push(text.into()));
}

/// What was noted while `f` ran, on one line.
pub fn noted<R>(what: &str, f: impl FnOnce() -> R) -> String {
    NOTES.with(|notes| notes.borrow_mut().clear());
    drop(f());
    NOTES.with(|notes| format!("{}: {}", what, notes.borrow().join(" ")))
}

/// Notes its own end.
#[derive(Debug, Clone)]
pub struct Noted(pub &'static str);

impl Drop for Noted {
    fn drop(&mut self) {
        note(self.0);
    }
}

impl Noted {
    pub fn touch(&self) -> usize {
        self.0.len()
    }
    pub fn pass<T>(&self, value: T) -> T {
        value
    }
}

/// The line it is called from.
#[track_caller]
pub fn here() -> u32 {
    Location::caller().line()
}

/// What a panic said.
pub fn panicked(f: impl FnOnce()) -> String {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let caught = catch_unwind(AssertUnwindSafe(f));
    std::panic::set_hook(hook);
    match caught {
        Ok(()) => "no panic".to_owned(),
        Err(payload) => match payload.downcast_ref::<&str>() {
            Some(text) => format!("panicked: {text}"),
            None => "panicked".to_owned(),
        },
    }
}

/// Waits once.
pub fn later() -> Later {
    Later(false)
}

pub struct Later(bool);

impl Future for Later {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Runs a future to its end.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}

/// Polls a future once and drops it.
pub fn poll_once<F: Future>(future: F) {
    let mut future = Box::pin(future);
    let pending = future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
    note(if pending { "pending" } else { "ready" });
}

pub fn assert_send<T: Send>(value: T) -> T {
    value
}

pub fn assert_static<T: 'static>(value: T) -> T {
    value
}

/// An error without any trait.
pub struct Bare;

/// Two that are dropped in the order of their declaration.
pub struct Pair {
    pub first: Noted,
    pub second: Noted,
}

/// What was noted while `f` ran, how it ended included.
pub fn run<R: std::fmt::Debug>(what: &str, shape: &str, f: impl FnOnce() -> R) -> String {
    noted(&format!("{} {}", what, shape), || note(panicked(|| note(format!("{:?}", f())))))
}
