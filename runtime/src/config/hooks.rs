//! What programs decide for themselves while they run.

use std::fmt;
use std::sync::Arc;

use sentry_core::{BeforeCallback, Breadcrumb, TransactionContext};

use crate::delivery;

/// Says with which probability a transaction is sampled.
pub(crate) type Sampler = Arc<dyn Fn(&TransactionContext) -> f32 + Send + Sync>;

/// The program's functions, as they were given: nothing here keeps a panic of theirs in.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) traces_sampler: Option<Sampler>,
    pub(crate) before_breadcrumb: Option<BeforeCallback<Breadcrumb>>,
    pub(crate) sent: delivery::Hooks,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("traces_sampler", &self.traces_sampler.is_some())
            .field("before_breadcrumb", &self.before_breadcrumb.is_some())
            .field("sent", &self.sent)
            .finish()
    }
}
