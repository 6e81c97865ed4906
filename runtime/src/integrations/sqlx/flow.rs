//! A stream that a future drives: what is open around the future is open around each row, and it may own what it borrows from.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;

use super::marker::Marked;

/// The items that a future gives away.
pub(super) struct Flow<'e, T> {
    driver: Marked<'e, ()>,
    slot: Slot<T>,
    is_over: bool,
}

/// What the driver gives its items to.
pub(super) struct Outlet<T>(Slot<T>);

type Slot<T> = Arc<Mutex<Option<T>>>;

impl<'e, T> Flow<'e, T> {
    pub(super) fn new<F: Future<Output = ()> + Send + 'e>(driver: impl FnOnce(Outlet<T>) -> F) -> Self {
        let slot = Slot::default();
        let driver = Marked::new(driver(Outlet(Arc::clone(&slot))));
        Self { driver, slot, is_over: false }
    }
}

impl<T> Outlet<T> {
    /// Ready once the item was taken.
    pub(super) async fn give(&self, item: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(item);
        let mut was_given = false;
        // The stream takes the item within the poll that this is part of, so nobody has to be woken.
        poll_fn(|_| if std::mem::replace(&mut was_given, true) { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

impl<T> Stream for Flow<'_, T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, waking: &mut Context<'_>) -> Poll<Option<T>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        self.is_over = Pin::new(&mut self.driver).poll(waking).is_ready();
        let item = self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        match item {
            Some(item) => Poll::Ready(Some(item)),
            None if self.is_over => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}
