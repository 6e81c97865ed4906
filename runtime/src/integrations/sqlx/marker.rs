//! Whether sqlx works for a wrapper of ours on this thread: then wrappers inside of it and the layer keep silent.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::future::BoxFuture;

thread_local! {
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn is_within() -> bool {
    WITHIN.with(Cell::get)
}

/// Runs `f` as part of a wrapper's work.
pub(super) fn within<R>(f: impl FnOnce() -> R) -> R {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            WITHIN.with(|within| within.set(self.0));
        }
    }
    let _before = Before(WITHIN.with(|within| within.replace(true)));
    f()
}

/// A future whose polls, and whose end, are part of a wrapper's work.
pub(super) struct Marked<'e, T>(Option<BoxFuture<'e, T>>);

impl<'e, T> Marked<'e, T> {
    pub(super) fn new(future: impl Future<Output = T> + Send + 'e) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<T> Future for Marked<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<T> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        within(|| future.as_mut().poll(waking))
    }
}

impl<T> Drop for Marked<'_, T> {
    fn drop(&mut self) {
        within(|| self.0 = None);
    }
}
