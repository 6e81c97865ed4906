//! The program's own hooks, run so that none of them can hurt the program.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sentry_core::BeforeCallback;
use sentry_core::protocol::{Event, Log, Metric, MonitorCheckIn, Transaction};

use crate::span::state;

/// Whether captures on this thread are dropped: it is the delivery's own, or a hook of the program runs on it.
///
/// A hook that captures feeds itself, and the panic hook of one that panics captures too.
pub fn muted() -> bool {
    state::captures_are_muted()
}

/// Mutes this thread for good: it is one of ours.
pub(super) fn mute_this_thread() {
    state::mute_captures(true);
}

/// The program's hooks, one for every kind. `None` from a hook drops the item.
///
/// Hooks run on the delivery's own thread: not on the one that captured, never while that one is panicking, and however
/// long one takes, the program does not wait for it. What a hook captures is dropped and counted. A hook that panics
/// loses its item, which is counted and never sent unhooked (with `panic = "abort"` it ends the program, as any panic).
#[derive(Clone, Default)]
pub struct Hooks {
    /// For error events and messages.
    pub before_send: Option<BeforeCallback<Event<'static>>>,
    /// For transactions, their spans included.
    pub before_send_transaction: Option<BeforeCallback<Transaction<'static>>>,
    /// For each log entry.
    pub before_send_log: Option<BeforeCallback<Log>>,
    /// For each metric.
    pub before_send_metric: Option<BeforeCallback<Metric>>,
    /// For check-ins of monitors.
    pub before_send_check_in: Option<BeforeCallback<MonitorCheckIn>>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("before_send", &self.before_send.is_some())
            .field("before_send_transaction", &self.before_send_transaction.is_some())
            .field("before_send_log", &self.before_send_log.is_some())
            .field("before_send_metric", &self.before_send_metric.is_some())
            .field("before_send_check_in", &self.before_send_check_in.is_some())
            .finish()
    }
}

/// Someone else's code panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Panicked;

/// Runs code that may panic, with captures on this thread muted.
pub(super) fn isolate<R>(code: impl FnOnce() -> R) -> Result<R, Panicked> {
    let before = state::mute_captures(true);
    let result = catch_unwind(AssertUnwindSafe(code));
    state::mute_captures(before);
    result.map_err(|payload| {
        // A payload's own destructor may panic once more; losing its few bytes is the lesser evil.
        std::mem::forget(payload);
        Panicked
    })
}

/// What a hook makes of its item; without a hook, the item as it is.
pub(super) fn ask<T>(hook: Option<&BeforeCallback<T>>, item: T) -> Result<Option<T>, Panicked> {
    match hook {
        None => Ok(Some(item)),
        Some(hook) => isolate(|| hook(item)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn captures_are_muted_while_a_hook_runs_and_after_its_panic_no_more() {
        let seen: BeforeCallback<bool> = Arc::new(|_| Some(muted()));
        assert_eq!(ask(Some(&seen), false), Ok(Some(true)));
        let angry: BeforeCallback<bool> = Arc::new(|_| panic!("hook"));
        assert_eq!(ask(Some(&angry), false), Err(Panicked));
        assert!(!muted());
    }

    #[test]
    fn a_payload_that_panics_when_dropped_does_no_harm() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("payload");
            }
        }
        assert_eq!(isolate(|| std::panic::panic_any(Bomb)), Err::<(), _>(Panicked));
    }
}
