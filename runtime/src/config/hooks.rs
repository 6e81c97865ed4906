//! What programs decide for themselves: functions that see what is about to be sent.

use std::fmt;
use std::sync::Arc;

use sentry_core::protocol::{Event, Log, Metric, MonitorCheckIn, Transaction};
use sentry_core::{Breadcrumb, TransactionContext};

/// A function that changes an item, or drops it.
pub(crate) type Hook<T> = Arc<dyn Fn(T) -> Option<T> + Send + Sync>;

/// A function that says with which probability a transaction is sampled.
pub(crate) type Sampler = Arc<dyn Fn(&TransactionContext) -> f32 + Send + Sync>;

/// The program's functions, as they were given: nothing here keeps a panic of theirs in.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) traces_sampler: Option<Sampler>,
    pub(crate) before_send: Option<Hook<Event<'static>>>,
    pub(crate) before_send_transaction: Option<Hook<Transaction<'static>>>,
    pub(crate) before_send_log: Option<Hook<Log>>,
    pub(crate) before_send_metric: Option<Hook<Metric>>,
    pub(crate) before_send_check_in: Option<Hook<MonitorCheckIn>>,
    pub(crate) before_breadcrumb: Option<Hook<Breadcrumb>>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = [
            ("traces_sampler", self.traces_sampler.is_some()),
            ("before_send", self.before_send.is_some()),
            ("before_send_transaction", self.before_send_transaction.is_some()),
            ("before_send_log", self.before_send_log.is_some()),
            ("before_send_metric", self.before_send_metric.is_some()),
            ("before_send_check_in", self.before_send_check_in.is_some()),
            ("before_breadcrumb", self.before_breadcrumb.is_some()),
        ];
        f.debug_set().entries(set.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name)).finish()
    }
}
