//! One compare, one addition, a `Result`: plain, and as each peer instruments it.

/// The error of the measured functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub u64);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refused {}", self.0)
    }
}
impl std::error::Error for Refused {}

/// The work.
macro_rules! work {
    ($a:ident, $b:ident) => {
        if $a == u64::MAX { Err(Refused($b)) } else { Ok($a.wrapping_add($b)) }
    };
}

pub mod plain {
    //! Without instrumentation.
    use super::Refused;

    #[inline(never)]
    pub fn child(a: u64, b: u64) -> Result<u64, Refused> {
        work!(a, b)
    }
    #[inline(never)]
    pub async fn child_async(a: u64, b: u64) -> Result<u64, Refused> {
        work!(a, b)
    }
}

pub mod ours {
    //! By our attributes.
    use super::Refused;
    use watchpost::monitor_performance;

    #[inline(never)]
    #[monitor_performance]
    pub fn child(a: u64, b: u64) -> Result<u64, Refused> {
        work!(a, b)
    }
    #[inline(never)]
    #[monitor_performance]
    pub async fn child_async(a: u64, b: u64) -> Result<u64, Refused> {
        work!(a, b)
    }
    /// What runs below a root.
    #[inline(never)]
    #[monitor_performance]
    pub fn root<R>(inside: impl FnOnce() -> R) -> R {
        inside()
    }
    /// So many calls open at once.
    #[inline(never)]
    #[monitor_performance]
    pub fn deep(left: u64) -> u64 {
        if left == 0 { 0 } else { deep(left - 1) + 1 }
    }
}

pub mod hand {
    //! As sentry's documentation shows it.
    use super::Refused;
    use sentry_core::protocol::SpanStatus;
    use sentry_core::{Hub, SentryFutureExt as _, TransactionContext, TransactionOrSpan};
    use std::sync::Arc;

    fn enter(name: &str) -> (TransactionOrSpan, Option<TransactionOrSpan>) {
        let previous = sentry_core::configure_scope(|scope| scope.get_span());
        let span: TransactionOrSpan = match &previous {
            Some(parent) => parent.start_child("function", name).into(),
            None => sentry_core::start_transaction(TransactionContext::new(name, "function")).into(),
        };
        sentry_core::configure_scope(|scope| scope.set_span(Some(span.clone())));
        (span, previous)
    }
    fn leave(span: TransactionOrSpan, previous: Option<TransactionOrSpan>, ok: bool) {
        span.set_status(if ok { SpanStatus::Ok } else { SpanStatus::InternalError });
        span.finish();
        sentry_core::configure_scope(|scope| scope.set_span(previous));
    }

    #[inline(never)]
    pub fn child(a: u64, b: u64) -> Result<u64, Refused> {
        let (span, previous) = enter("child");
        let out = work!(a, b);
        leave(span, previous, out.is_ok());
        out
    }
    #[inline(never)]
    pub async fn child_async(a: u64, b: u64) -> Result<u64, Refused> {
        let hub = Arc::new(Hub::new_from_top(Hub::current()));
        async move {
            let (span, previous) = enter("child_async");
            let out = work!(a, b);
            leave(span, previous, out.is_ok());
            out
        }
        .bind_hub(hub)
        .await
    }
    #[inline(never)]
    pub fn root<R>(inside: impl FnOnce() -> R) -> R {
        let (span, previous) = enter("root");
        let out = inside();
        leave(span, previous, true);
        out
    }
}

pub mod traced {
    //! By `#[tracing::instrument]`, with sentry's layer where there is a client.
    use super::Refused;
    use tracing::instrument;

    #[inline(never)]
    #[instrument(skip_all, err)]
    pub fn child(a: u64, b: u64) -> Result<u64, Refused> {
        work!(a, b)
    }
    #[inline(never)]
    #[instrument(skip_all, err)]
    pub async fn child_async(a: u64, b: u64) -> Result<u64, Refused> {
        work!(a, b)
    }
    #[inline(never)]
    #[instrument(skip_all)]
    pub fn root<R>(inside: impl FnOnce() -> R) -> R {
        inside()
    }
}

pub mod fast {
    //! By `#[fastrace::trace]`.
    use super::Refused;
    use fastrace::prelude::*;

    #[inline(never)]
    #[trace]
    pub fn child(a: u64, b: u64) -> Result<u64, Refused> {
        work!(a, b)
    }
    #[inline(never)]
    #[trace]
    pub async fn child_async(a: u64, b: u64) -> Result<u64, Refused> {
        work!(a, b)
    }
    #[inline(never)]
    pub fn root<R>(sampled: bool, inside: impl FnOnce() -> R) -> R {
        let root = Span::root("root", SpanContext::random().sampled(sampled));
        let _guard = root.set_local_parent();
        inside()
    }
}
