//! Our part in sentry's client: it switches the engine on and gives what others capture its exact place.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sentry_core::protocol::{Context, Event, SpanId, TraceContext};
use sentry_core::{Client, ClientOptions, Integration, TracesSamplingStrategy};

use super::frame::Frame;
use super::handover::Carrier;
use super::state::{self, Live, Mode, Wanted};
use super::trace::span_id;
use super::{polls, promotion};
use crate::TraceParent;
use crate::capture::{Reporter, is_of_storm};
use crate::config::Settings;
use crate::site::Kind;

/// The integration that switches the engine on for a client and gives events, logs and metrics that anyone captures inside an
/// annotated function the exact span they belong to.
///
/// [`init`](fn@crate::init) and [`Config::client_options`](crate::Config::client_options) add it. Whoever builds sentry's options by hand adds it so:
///
/// ```
/// let options = sentry_core::ClientOptions::new().add_integration(watchpost::Instrumentation::new());
/// ```
#[derive(Debug)]
pub struct Instrumentation {
    blocked_after: Option<Option<Duration>>,
    timings: bool,
    errors: Reporter,
    live: Mutex<Vec<Live>>,
    carrier: Carrier,
}

impl Default for Instrumentation {
    fn default() -> Self {
        Self {
            blocked_after: None,
            timings: true,
            errors: Reporter::default(),
            live: Mutex::default(),
            carrier: Carrier::default(),
        }
    }
}

impl Instrumentation {
    /// With the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// With what the settings say of errors.
    pub(crate) fn with_settings(settings: Arc<Settings>) -> Self {
        let blocked_after = Some(settings.blocked_executor_threshold);
        let timings = settings.unsampled_timings;
        Self { blocked_after, timings, errors: Reporter::new(settings), ..Self::default() }
    }

    /// The one that a client has.
    pub(super) fn of(client: &Client) -> Option<&Self> {
        client.options().integrations.iter().find_map(|one| one.as_ref().as_any().downcast_ref::<Self>())
    }

    /// What a client needs for its errors, if its options have this integration.
    pub(crate) fn errors(client: &Client) -> Option<&Reporter> {
        Some(&Self::of(client)?.errors)
    }

    /// What is known of the client's transport.
    pub(super) fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// How long a poll may take for a client that has this integration or none.
    pub(super) fn longest_poll(own: Option<&Self>, options: &ClientOptions) -> Duration {
        polls::limit(own.and_then(|own| own.blocked_after), options)
    }

    /// Whether a client wants notes of the calls below roots that are not sampled.
    pub(super) fn takes_notes(client: &Client) -> bool {
        Self::of(client).is_some_and(|own| own.timings)
    }

    /// Polls of sampled futures that take longer are told as having blocked the executor; none to tell of none. Where nothing is
    /// said it is 100 ms, and none in the environment `production`.
    #[must_use]
    pub fn blocked_after(mut self, limit: Option<Duration>) -> Self {
        self.blocked_after = Some(limit);
        self
    }

    /// Whether error and slow events below a root that is not sampled carry the times of the calls there, as the context
    /// `timings`; see [`Config::unsampled_timings`](crate::Config::unsampled_timings). They do where nothing is said.
    #[must_use]
    pub fn unsampled_timings(mut self, on: bool) -> Self {
        self.timings = on;
        self
    }
}

impl Integration for Instrumentation {
    fn name(&self) -> &'static str {
        "watchpost-spans"
    }

    fn setup(&self, options: &mut ClientOptions) {
        if options.dsn.is_none() {
            return;
        }
        let wanted = match options.traces_sampling_strategy {
            TracesSamplingStrategy::Disabled => Wanted::Errors,
            _ => Wanted::Traces,
        };
        self.live.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(Live::new(wanted));
        #[cfg(feature = "panic")]
        crate::capture::report_panics();
        #[cfg(feature = "logs")]
        place_logs(options);
        #[cfg(feature = "metrics")]
        place_metrics(options);
    }

    fn process_event(&self, mut event: Event<'static>, options: &ClientOptions) -> Option<Event<'static>> {
        if is_of_storm(&event) {
            return Some(event);
        }
        if let Some(said) = state::said(event.event_id) {
            said.put_over(&mut event);
            self.errors.learn_sdk(&event);
        }
        place_event(&mut event);
        self.errors.complete(&mut event, options);
        Some(event)
    }
}

/// The span that something captured on this thread belongs to.
struct Exact {
    span: TraceParent,
    /// The span above and the operation; not known where the span was carried over from another thread.
    above: Option<u64>,
    op: Option<String>,
}

/// The exact span instead of `shown`, if `shown` is a span of ours that stands for all below it.
fn exact(shown: SpanId) -> Option<Exact> {
    state::with(|local| {
        let trace = local.trace()?;
        let frames = local.frames().try_borrow().ok()?;
        let mut ids = [trace.root, local.shown.get()].into_iter().chain(frames.iter().map(|frame| frame.id));
        let ours = ids.any(|id| id != 0 && span_id(id) == shown);
        let cur = local.cur.get();
        if !ours || !trace.sampled || cur == 0 || cur == trace.root {
            return None;
        }
        let frame = frames.iter().rev().find(|frame| frame.id == cur);
        Some(Exact {
            span: trace.parent(cur),
            above: frame.map(|frame| frame.parent),
            op: frame.map(|frame| frame.op().to_owned()),
        })
    })
    .flatten()
}

fn place_event(event: &mut Event<'static>) {
    promotion::tell(event);
    if state::mode() == Mode::Idle {
        return;
    }
    if event.transaction.is_none() {
        event.transaction = outermost();
    }
    let Some(Context::Trace(shown)) = event.contexts.get("trace") else { return };
    let Some(Exact { span, above, op }) = exact(shown.span_id).filter(|exact| exact.span.trace_id == shown.trace_id)
    else {
        return;
    };
    let context = TraceContext {
        trace_id: span.trace_id,
        span_id: span.span_id,
        parent_span_id: above.map(span_id),
        op,
        ..TraceContext::default()
    };
    event.contexts.insert("trace".to_owned(), context.into());
}

/// The name of the transaction's call; else that of the outermost, as the transaction would be called if there were one.
fn outermost() -> Option<String> {
    state::with(|local| {
        let frames = local.frames().try_borrow().ok()?;
        let own = frames.get(local.base.get()..)?;
        let root = own.iter().find(|frame| frame.has(Frame::ROOT) && frame.site.kind().any(Kind::SPAN.and(Kind::TASK)));
        root.or(own.first()).map(|frame| frame.name().to_owned())
    })
    .flatten()
}

#[cfg(feature = "logs")]
fn place_logs(options: &mut ClientOptions) {
    use sentry_core::protocol::LogAttribute;
    let next = options.before_send_log.take();
    options.before_send_log = Some(Arc::new(move |mut log| {
        for key in ["parent_span_id", "sentry.trace.parent_span_id"] {
            let Some(LogAttribute(value)) = log.attributes.get_mut(key) else { continue };
            let shown = value.as_str().and_then(|shown| shown.parse().ok());
            if let Some(Exact { span, .. }) = shown.and_then(exact) {
                *value = span.span_id.to_string().into();
            }
        }
        match &next {
            Some(next) => next(log),
            None => Some(log),
        }
    }));
}

#[cfg(feature = "metrics")]
fn place_metrics(options: &mut ClientOptions) {
    let next = options.before_send_metric.take();
    options.before_send_metric = Some(Arc::new(move |mut metric| {
        if let Some(Exact { span, .. }) = metric.span_id.and_then(exact) {
            metric.span_id = Some(span.span_id);
        }
        match &next {
            Some(next) => next(metric),
            None => Some(metric),
        }
    }));
}
