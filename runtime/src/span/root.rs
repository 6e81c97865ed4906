//! Where a thread's outermost call meets sentry: once when it begins, once when it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sentry_core::protocol::{Map, TraceId, Value};
use sentry_core::{Hub, TracePropagationContext, TracesSamplingStrategy, TransactionContext, TransactionOrSpan};

use super::frame::Frame;
use super::record::Record;
use super::state::{self, Context, Local, Mode, Wanted, identity};
use super::trace::{MAX_SPANS, Trace, keep_oldest, span_id};
use super::{handover, late};
use crate::task::Baggage;
use crate::{CallSite, TraceParent};

/// Says that the name was chosen by a person: what an annotation gives.
pub(crate) const SOURCE_CUSTOM: &str = "custom";
/// Says that a task's name is the transaction's.
pub(crate) const SOURCE_TASK: &str = "task";
/// The key under which the transaction's source travels until delivery puts it in its place.
pub(crate) const SOURCE_KEY: &str = "sentry.source";
/// Measurements travel under this and their name until delivery puts them in their place: objects of value and unit.
pub(crate) const MEASUREMENT_PREFIX: &str = "sentry.measurement.";
/// The key under which a sampling context that came from upstream travels to the envelope's header.
const SAMPLING_KEY: &str = "sentry.dsc";
/// What created our spans and transactions.
pub(crate) const ORIGIN: &str = "auto.function.watchpost";

/// What a root is asked to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) op: &'a str,
    pub(super) name: &'a str,
    pub(super) source: &'static str,
    /// A transaction of its own, also below a span.
    pub(super) own: bool,
    /// A hub of its own.
    pub(super) isolated: bool,
    /// Where the trace comes from, if it comes from elsewhere.
    pub(super) parent: Option<TraceParent>,
    /// What came with it: passed on as it is.
    pub(super) baggage: Option<&'a Arc<Baggage>>,
}

impl<'a> Asked<'a> {
    pub(super) fn by(site: &'a CallSite) -> Self {
        use crate::site::Kind;
        let task = site.kind().has(Kind::TASK);
        Self {
            op: site.op(),
            name: site.name(),
            source: if task { SOURCE_TASK } else { SOURCE_CUSTOM },
            own: task || site.kind().has(Kind::ROOT),
            isolated: task,
            parent: None,
            baggage: None,
        }
    }
}

/// How a call begins that is not simply below the thread's innermost span.
pub(super) enum Way {
    /// There is no client: not at all.
    Nothing,
    /// As a frame; no span is wanted, or the span of somebody else above is not sampled.
    Frame(Context),
    /// Below the innermost span, though another hub was bound in between.
    Child { hub: usize },
    /// As a root, with this span id.
    Root(Context, Box<Root>, u64),
}

/// A root under way.
pub(crate) struct Root {
    pub(super) hub: Option<Arc<Hub>>,
    trace: Option<Arc<Trace>>,
    /// The span that was the scope's before, to be put back.
    previous: Option<Option<TransactionOrSpan>>,
    /// What the thread was in the middle of, if the root is synchronous.
    pub(super) outer: Option<Context>,
    /// Whether a hub was bound for the root that its end must unbind.
    pub(super) bound: bool,
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Root").field("trace", &self.trace).finish_non_exhaustive()
    }
}

/// Decides how a call begins. `isolated` roots get a hub of their own, which the caller must bind.
#[cold]
#[inline(never)]
pub(super) fn open(local: &Local, asked: &Asked<'_>, mode: Mode) -> Way {
    let mut asked = *asked;
    if let (Mode::Idle, None, Some(parent)) = (mode, asked.parent, local.remote.get()) {
        asked.parent = Some(parent);
        asked.own = true;
    }
    let hub = Hub::current();
    let Some(client) = hub.client() else { return Way::Nothing };
    let wanted = Wanted::by(&client);
    if wanted == Wanted::Nothing {
        return Way::Nothing;
    }
    let apart = asked.own && asked.isolated;
    let base = if mode == Mode::Idle || apart { local.depth() } else { local.base.get() };
    if wanted == Wanted::Errors && asked.parent.is_none() {
        let mut context = Context { mode: Mode::Errors, hub: identity(&hub), base, ..Context::default() };
        if !apart {
            return Way::Frame(context);
        }
        let own = Arc::new(Hub::new_from_top(&hub));
        own.configure_scope(|scope| scope.set_span(None));
        context.hub = identity(&own);
        let root = Root { hub: Some(own), trace: None, previous: None, outer: None, bound: false };
        return Way::Root(context, Box::new(root), 0);
    }

    let above = (mode >= Mode::Unsampled).then(|| local.trace()).flatten();
    let same_hub = local.hub.get() == identity(&hub);
    let calls_back = matches!(client.options().traces_sampling_strategy, TracesSamplingStrategy::Function(_));
    let target = if asked.isolated { Arc::new(Hub::new_from_top(&hub)) } else { hub };
    let begun = state::muted(|| {
        if calls_back {
            // The sampler is the program's: what it writes to the scope must not be lost, so two visits.
            let previous = target.configure_scope(|scope| scope.get_span());
            let begun = begin(local, &asked, &target, above.as_ref().map(|above| (above, same_hub)), previous);
            if let Begun::Anchor { anchor, .. } = &begun {
                target.configure_scope(|scope| scope.set_span(Some(anchor.clone())));
            }
            begun
        } else {
            let mut begun = Begun::Nothing;
            target.configure_scope(|scope| {
                begun = begin(local, &asked, &target, above.as_ref().map(|above| (above, same_hub)), scope.get_span());
                if let Begun::Anchor { anchor, .. } = &begun {
                    scope.set_span(Some(anchor.clone()));
                }
            });
            begun
        }
    });
    match begun {
        Begun::Nothing => Way::Nothing,
        Begun::Same => Way::Child { hub: identity(&target) },
        Begun::Unsampled => {
            Way::Frame(Context { mode: Mode::Unsampled, hub: identity(&target), base, ..Context::default() })
        }
        Begun::Anchor { anchor, id, trace_id, sampled, previous } => {
            let hub = identity(&target);
            let own = asked.isolated.then(|| target.clone());
            // A trace of another organisation is not continued, and neither is what came with it.
            let continued = asked.parent.is_some_and(|parent| parent.trace_id == trace_id);
            let baggage = asked.baggage.filter(|_| continued).cloned();
            if let (true, Some(baggage), TransactionOrSpan::Transaction(transaction)) = (sampled, &baggage, &anchor)
                && baggage.has_sampling_context()
            {
                let context: Map<_, _> =
                    baggage.sampling_context().map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
                transaction.set_data(SAMPLING_KEY, Value::Object(context.into_iter().collect()));
            }
            let trace = Trace::new(trace_id, id, sampled, own, anchor, baggage);
            let context = Context {
                mode: if sampled { Mode::Sampled } else { Mode::Unsampled },
                cur: id,
                hub,
                begun: 0,
                base,
                records: Vec::new(),
                trace: Some(trace.clone()),
                shown: 0,
                remote: None,
            };
            let previous = (!asked.isolated).then_some(previous);
            let root = Root { hub: Some(target), trace: Some(trace), previous, outer: None, bound: false };
            Way::Root(context, Box::new(root), id)
        }
    }
}

enum Begun {
    Nothing,
    /// The hub is another, but the span on its scope is our own root.
    Same,
    /// Below somebody else's span that is not sampled.
    Unsampled,
    Anchor {
        anchor: TransactionOrSpan,
        id: u64,
        trace_id: TraceId,
        sampled: bool,
        previous: Option<TransactionOrSpan>,
    },
}

/// Starts what sentry will see of the root.
fn begin(
    local: &Local,
    asked: &Asked<'_>,
    hub: &Arc<Hub>,
    above: Option<(&Arc<Trace>, bool)>,
    previous: Option<TransactionOrSpan>,
) -> Begun {
    let id = local.next_id();
    let is_above = |above: &Trace| {
        previous.as_ref().is_some_and(|previous| above.anchor == *previous || is_shown(local, previous))
    };
    // On a hub that knows nothing of it, the span of the thread is not above.
    let above = above.filter(|(above, same_hub)| *same_hub || is_above(above)).map(|(above, _)| above);
    if !asked.own {
        if above.is_some_and(|above| is_above(above)) {
            return Begun::Same;
        }
        if let Some(previous) = previous {
            if !is_sampled(&previous) {
                return Begun::Unsampled;
            }
            let trace_id = previous.get_trace_context().trace_id;
            let span =
                previous.start_child_with_details(asked.op, asked.name, span_id(id), std::time::SystemTime::now());
            return Begun::Anchor { anchor: span.into(), id, trace_id, sampled: true, previous: Some(previous) };
        }
    }
    let parent = asked.parent.or_else(|| match (above, &previous) {
        (Some(above), _) => Some(above.parent(local.cur.get())),
        (None, Some(previous)) => Some(parent_of(previous)),
        (None, None) => None,
    });
    let context = match (asked.parent, parent) {
        // Only what comes from outside is checked against the organisation's id.
        (Some(parent), _) => {
            let mut remote = TracePropagationContext::new(parent.trace_id, parent.span_id);
            if let Some(sampled) = parent.sampled {
                remote = remote.with_sampled(sampled);
            }
            TransactionContext::continue_from_trace_propagation_context(
                asked.name,
                asked.op,
                &remote,
                Some(span_id(id)),
            )
        }
        (None, Some(parent)) => {
            let mut context = TransactionContext::new_with_details(
                asked.name,
                asked.op,
                parent.trace_id,
                Some(span_id(id)),
                Some(parent.span_id),
            );
            context.set_sampled(parent.sampled);
            context
        }
        (None, None) => {
            TransactionContext::new_with_details(asked.name, asked.op, TraceId::default(), Some(span_id(id)), None)
        }
    };
    let trace_id = context.trace_id();
    let started = catch_unwind(AssertUnwindSafe(|| hub.start_transaction(context)));
    let Ok(transaction) = started else {
        state::count_failure();
        return Begun::Nothing;
    };
    // A trace of another organisation is not continued.
    let trace_id = if asked.parent.is_some() { transaction.get_trace_context().trace_id } else { trace_id };
    let anchor = TransactionOrSpan::from(transaction);
    let sampled = is_sampled(&anchor);
    if sampled {
        if let TransactionOrSpan::Transaction(transaction) = &anchor {
            transaction.set_origin(ORIGIN);
            transaction.set_data(SOURCE_KEY, asked.source.into());
        }
    }
    Begun::Anchor { anchor, id, trace_id, sampled, previous }
}

/// Whether the scope's span is one that an open call of ours shows there.
fn is_shown(local: &Local, span: &TransactionOrSpan) -> bool {
    let TransactionOrSpan::Span(span) = span else { return false };
    let shown = local.shown.get();
    let frames = local.frames.borrow();
    if shown == 0 && !frames.iter().any(|frame| frame.has(Frame::SCOPED)) {
        return false;
    }
    let id = span.get_span_id();
    span_id(shown) == id || frames.iter().any(|frame| frame.has(Frame::SCOPED) && span_id(frame.id) == id)
}

/// Whether the span is recorded. Tracing that is off counts as "no", which is right here.
fn is_sampled(span: &TransactionOrSpan) -> bool {
    #[expect(deprecated, reason = "nothing else tells the decision")]
    span.is_sampled()
}

/// What continues a span of somebody else's.
pub(super) fn parent_of(span: &TransactionOrSpan) -> TraceParent {
    let (trace_id, span_id) = match span {
        TransactionOrSpan::Transaction(transaction) => {
            let context = transaction.get_trace_context();
            (context.trace_id, context.span_id)
        }
        TransactionOrSpan::Span(span) => (span.get_trace_context().trace_id, span.get_span_id()),
    };
    // Also "no" where tracing is off and the decision is left open; the header itself tells the three apart.
    let sampled = span.iter_headers().next().and_then(|(_, header)| match header.rsplit('-').next() {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => None,
    });
    TraceParent { trace_id, span_id, sampled }
}

impl Root {
    /// No root for sentry, but the thread's context was another before.
    pub(super) fn restoring(outer: Context) -> Box<Self> {
        Box::new(Self { hub: None, trace: None, previous: None, outer: Some(outer), bound: false })
    }

    /// Ends the root: everything below it that is finished goes with it. The thread's context is still the root's.
    #[cold]
    #[inline(never)]
    pub(super) fn close(self, local: &Local, top: Record) {
        let mut records = local.records.take();
        let begun = local.begun.get() as usize;
        // The transaction is finished with nothing of ours on the thread: hooks of the program may be run.
        let outer = local.switch(self.outer.unwrap_or_default());
        let after = state::mode();
        let status = top.status;
        state::set_mode(Mode::Muted);
        let (previous, bound) = (self.previous, self.bound);
        if let (Some(trace), Some(hub)) = (self.trace, self.hub) {
            let finished = catch_unwind(AssertUnwindSafe(|| {
                trace.close(&mut records, |records| late::orphans(records, trace.root));
                let mut lost = begun.saturating_sub(MAX_SPANS);
                if records.len() > MAX_SPANS {
                    lost += keep_oldest(&mut records);
                }
                if lost > 0 {
                    state::count_lost_spans(lost);
                }
                Hub::run(hub.clone(), || {
                    if trace.sampled {
                        handover::finish(&trace, top, records);
                    }
                    if let Some(previous) = previous {
                        hub.configure_scope(|scope| scope.set_span(previous));
                    }
                    if !trace.sampled {
                        trace.anchor.set_status(status);
                        trace.anchor.clone().finish();
                    }
                });
            }));
            if finished.is_err() {
                state::count_failure();
            }
        }
        state::set_mode(after);
        drop(outer);
        if bound {
            drop(local.bound.borrow_mut().pop());
        }
    }

    /// Makes a transaction of its own from spans that outlived their root.
    pub(super) fn close_late(trace: &Trace, top: Record, records: Vec<Record>) {
        let hub = trace.hub.clone().unwrap_or_else(Hub::current);
        let finished = state::muted(|| {
            catch_unwind(AssertUnwindSafe(|| {
                Hub::run(hub.clone(), || handover::finish_late(&hub, trace, top, records));
            }))
        });
        if finished.is_err() {
            state::count_failure();
        }
    }
}
