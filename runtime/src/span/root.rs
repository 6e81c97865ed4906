//! Where a thread's outermost call meets sentry: once when it begins, once when it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use sentry_core::protocol::{Map, Value};
use sentry_core::{Hub, TracesSamplingStrategy, TransactionOrSpan};

use super::Instrumentation;
use super::anchor::{Beginning, Begun, begin};
use super::record::Record;
use super::state::{self, Context, Local, Mode, Wanted, identity};
use super::trace::{MAX_SPANS, Trace, keep_oldest};
use super::{handover, hubs, late, promotion};
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
/// The key under which a span's origin travels until delivery puts it in its place.
pub(crate) const ORIGIN_KEY: &str = "sentry.origin";
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
    /// Only below a span: no transaction is made for it.
    pub(super) child: bool,
    /// A hub of its own.
    pub(super) isolated: bool,
    /// Where the trace comes from, if it comes from elsewhere.
    pub(super) parent: Option<TraceParent>,
    /// What came with it: passed on as it is.
    pub(super) baggage: Option<&'a Arc<Baggage>>,
    /// How long ago it began.
    pub(super) ago: Duration,
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
            child: false,
            isolated: task,
            parent: None,
            baggage: None,
            ago: Duration::ZERO,
        }
    }
}

/// How a call begins that is not simply below the thread's innermost span.
pub(super) enum Way {
    /// There is no client: not at all.
    Nothing,
    /// As a frame; no span is wanted, or the span of somebody else above is not sampled. The hub is its own, if it is to have
    /// one.
    Frame(Context, Option<Arc<Hub>>),
    /// Below the innermost span, though another hub was bound in between.
    Child { hub: usize },
    /// As a root.
    Root(Root),
}

/// A root under way.
pub(crate) struct Root {
    pub(super) hub: Option<Arc<Hub>>,
    /// The span that was the scope's before, to be put back.
    previous: Option<Option<TransactionOrSpan>>,
    /// Its own context until it is entered; from then on what the thread was in the middle of, if the root is synchronous.
    pub(super) context: Context,
    /// Whether a hub was bound for the root that its end must unbind.
    pub(super) bound: bool,
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Root").field("bound", &self.bound).finish_non_exhaustive()
    }
}

/// Decides how a call begins. `isolated` roots get a hub of their own, which the caller must bind.
#[cold]
#[inline(never)]
pub(super) fn open(local: &Local, asked: &Asked<'_>, mode: Mode) -> Way {
    local.settle();
    let mut asked = *asked;
    if let (Mode::Idle, None, Some(parent), false) = (mode, asked.parent, local.remote.get(), asked.child) {
        asked.parent = Some(parent);
        asked.own = true;
    }
    if !state::has_hub() {
        return Way::Nothing;
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
            return Way::Frame(context, None);
        }
        let own = Arc::new(Hub::new_from_top(&hub));
        own.configure_scope(|scope| scope.set_span(None));
        context.hub = identity(&own);
        return Way::Root(Root { hub: Some(own), previous: None, context, bound: false });
    }

    let above = (mode >= Mode::Unsampled).then(|| local.trace()).flatten();
    let same_hub = local.hub.get() == identity(&hub);
    let calls_back = matches!(client.options().traces_sampling_strategy, TracesSamplingStrategy::Function(_));
    let target = if asked.isolated { Arc::new(Hub::new_from_top(&hub)) } else { hub };
    let beginning = state::muted(|| {
        if calls_back {
            // The sampler is the program's: what it writes to the scope must not be lost, so two visits.
            let previous = target.configure_scope(|scope| scope.get_span());
            let beginning = begin(local, &asked, &target, above.as_ref().map(|above| (above, same_hub)), previous);
            if let Beginning::Begun(begun, _) = &beginning {
                target.configure_scope(|scope| scope.set_span(Some(begun.anchor.clone())));
            }
            beginning
        } else {
            let mut beginning = Beginning::Nothing;
            target.configure_scope(|scope| {
                beginning =
                    begin(local, &asked, &target, above.as_ref().map(|above| (above, same_hub)), scope.get_span());
                if let Beginning::Begun(begun, _) = &beginning {
                    scope.set_span(Some(begun.anchor.clone()));
                }
            });
            beginning
        }
    });
    match beginning {
        Beginning::Nothing => Way::Nothing,
        Beginning::Same => Way::Child { hub: identity(&target) },
        Beginning::Unsampled => {
            let mode = promotion::mode(Instrumentation::takes_notes(&client));
            let notes = local.room_for_notes(mode);
            let context = Context { mode, hub: identity(&target), base, notes, ..Context::default() };
            Way::Frame(context, asked.isolated.then_some(target))
        }
        Beginning::Begun(begun, previous) => {
            let Begun { id, trace_id, sampled, .. } = begun;
            let hub = identity(&target);
            hubs::begin_root(local);
            let own = asked.isolated.then(|| target.clone());
            // A trace of another organisation is not continued, and neither is what came with it.
            let continued = asked.parent.is_some_and(|parent| parent.trace_id == trace_id);
            let baggage = asked.baggage.filter(|_| continued).cloned();
            if let (true, Some(baggage), TransactionOrSpan::Transaction(transaction)) =
                (sampled, &baggage, &begun.anchor)
                && baggage.has_sampling_context()
            {
                let context: Map<_, _> =
                    baggage.sampling_context().map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
                transaction.set_data(SAMPLING_KEY, Value::Object(context.into_iter().collect()));
            }
            let mode = if sampled { Mode::Sampled } else { promotion::mode(Instrumentation::takes_notes(&client)) };
            let trace = Trace::new(begun, own, client, baggage, asked.source);
            let context = Context {
                mode,
                cur: id,
                hub,
                begun: 0,
                base,
                records: if sampled { local.buffer() } else { Vec::new() },
                notes: local.room_for_notes(mode),
                trace: Some(trace),
                shown: 0,
                remote: None,
            };
            let previous = (!asked.isolated).then_some(previous);
            Way::Root(Root { hub: Some(target), previous, context, bound: false })
        }
    }
}

impl Root {
    /// No root for sentry, but the thread's context was another before.
    pub(super) fn restoring(outer: Context) -> Self {
        Self { hub: None, previous: None, context: outer, bound: false }
    }

    /// Ends the root: everything below it that is finished goes with it. The thread's context is still the root's.
    #[cold]
    #[inline(never)]
    pub(super) fn close(mut self, local: &Local, top: Record) {
        let mut records = local.records.take();
        let begun = local.begun.get() as usize;
        // The transaction is finished with nothing of ours on the thread: hooks of the program may be run.
        local.exchange(&mut self.context);
        let own = &mut self.context;
        local.give_back_notes(std::mem::take(&mut own.notes));
        let after = state::mode();
        state::set_mode(Mode::Muted);
        let previous = self.previous.take();
        if let (Some(trace), Some(hub)) = (own.trace.take(), self.hub.take()) {
            let finished = catch_unwind(AssertUnwindSafe(|| {
                if trace.sampled {
                    trace.close(&mut records, |records| late::orphans(records, trace.root));
                    let mut lost = begun.saturating_sub(MAX_SPANS);
                    if records.len() > MAX_SPANS {
                        lost += keep_oldest(&mut records);
                    }
                    if lost > 0 {
                        state::count_lost_spans(lost);
                    }
                }
                if let Some(previous) = previous {
                    hub.configure_scope(|scope| scope.set_span(previous));
                }
                if trace.sampled {
                    Hub::run(hub, || handover::finish(local, &trace, top, records));
                } else {
                    trace.close_unsampled();
                }
            }));
            if finished.is_err() {
                state::count_failure();
            }
        }
        state::set_mode(after);
        if self.bound {
            local.unbind();
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
