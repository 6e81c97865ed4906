//! What one client needs for its errors, and the way of an event to it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use sentry_core::protocol::{ClientSdkInfo, Event, Map, Thread};
use sentry_core::types::Uuid;
use sentry_core::{Client, ClientOptions, Hub};

use super::chain::Chain;
use super::gather::Said;
use super::once::OpenCalls;
use super::storm::{About, Storm, Summary};
use super::symbols::Symbols;
use super::{NOTICE, crumbs, here, stack};
use crate::Instrumentation;
use crate::config::Settings;
use crate::span::state;

/// What a client's [`Instrumentation`] carries for errors: the rules, what the storm guard counts, the symbols that are known.
#[derive(Debug, Default)]
pub(crate) struct Reporter {
    settings: Option<Arc<Settings>>,
    storm: Storm,
    pub(super) symbols: Symbols,
    /// What the client says of the SDK, if that may be borrowed.
    sdk: OnceLock<Option<&'static ClientSdkInfo>>,
    filtered: AtomicU64,
    suppressed: AtomicU64,
}

impl Reporter {
    /// With the rules of these settings.
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self { storm: Storm::new(settings.storm_limit), settings: Some(settings), ..Self::default() }
    }

    /// The one that belongs to a client, if the client has our integration.
    pub(crate) fn of(client: &Client) -> Option<&Self> {
        Instrumentation::errors(client)
    }

    pub(super) fn with_arguments(&self) -> bool {
        self.settings.as_ref().is_none_or(|settings| settings.include_local_variables)
    }

    /// Whether a rule says that nobody wants to know of this error.
    pub(super) fn ignores(&self, chain: &Chain<'_>, category: Option<&str>) -> bool {
        let rules = self.settings.iter().flat_map(|settings| &settings.filters.ignored_errors);
        let ignored = rules
            .filter(|rule| rule.is_about(category))
            .any(|rule| chain.any(|name, message| rule.matches(name, message)));
        if ignored {
            self.filtered.fetch_add(1, Relaxed);
        }
        ignored
    }

    /// The fingerprint that a rule gives this error.
    pub(super) fn fingerprint(&self, chain: &Chain<'_>, category: Option<&str>) -> Option<Vec<String>> {
        let mut rules = self.settings.iter().flat_map(|settings| &settings.filters.fingerprints);
        let rule =
            rules.find(|(rule, _)| rule.is_about(category) && chain.any(|name, message| rule.matches(name, message)));
        rule.map(|(_, fingerprint)| fingerprint.clone())
    }

    /// Whether the storm guard lets an event of this kind go.
    pub(super) fn admits(&self, kind: impl FnOnce() -> u64, about: impl FnOnce() -> About) -> bool {
        let admitted = self.storm.admits(kind, Instant::now(), about);
        if !admitted {
            self.suppressed.fetch_add(1, Relaxed);
        }
        admitted
    }

    /// Looks at an event of ours on which the client has put what it says of the SDK: those to come need not copy it.
    pub(crate) fn learn_sdk(&self, event: &Event<'_>) {
        if let Some(Cow::Owned(said)) = &event.sdk {
            self.sdk.get_or_init(|| state::sdk(said));
        }
    }

    /// Sends what the storm guard has to tell of the minutes that are over.
    pub(super) fn tell_of_storms(&self, client: &Client) {
        for summary in self.storm.over(Instant::now()) {
            client.capture_event(event_of(summary), None);
        }
    }

    /// Completes an event of anybody's with what the thread's open calls know: their breadcrumbs, and the stack where that is
    /// wanted and not there.
    pub(crate) fn complete(&self, event: &mut Event<'static>, options: &ClientOptions) {
        let open = here::with_calls(|calls| {
            crumbs::settle(event, here::crumbs(calls), options);
            if event.transaction.is_none() {
                event.transaction = here::root(calls).map(|site| site.name().to_owned());
            }
            (options.attach_stacktrace && !has_stack(event)).then(|| stack::open(calls))
        });
        if let Some(open) = open {
            let stack = stack::of(open, self.symbols.stack(options));
            if let Some(exception) = event.exception.values.last_mut() {
                exception.stacktrace = stack;
            } else if stack.is_some() {
                event.threads.values.push(Thread { current: true, stacktrace: stack, ..Thread::default() });
            }
        }
    }
}

/// How many errors of this client rules have kept back, and how many the storm guard.
pub(crate) fn kept_back(client: &Client) -> (u64, u64) {
    Reporter::of(client).map_or((0, 0), |reporter| (reporter.filtered.load(Relaxed), reporter.suppressed.load(Relaxed)))
}

/// So many errors are not sent, for being too many at once.
pub(super) fn suppress(client: &Client, errors: u64) {
    if let Some(reporter) = Reporter::of(client) {
        reporter.suppressed.fetch_add(errors, Relaxed);
    }
}

/// Sends what the storm guard of this client has to tell so far: it is about to be flushed.
pub(crate) fn tell_of_storms(client: &Client) {
    for summary in Reporter::of(client).iter().flat_map(|reporter| reporter.storm.so_far()) {
        client.capture_event(event_of(summary), None);
    }
}

/// What the fingerprints of the storm guard's own events begin with.
const STORM: &str = "watchpost-storm";

/// Whether an event is one that the storm guard sends. It is told wherever the thread happens to be when the minute is over, and has
/// nothing to do with the calls that are open there.
pub(crate) fn is_of_storm(event: &Event<'_>) -> bool {
    event.fingerprint.first().is_some_and(|first| first == STORM)
}

/// One event for all those that were not sent.
fn event_of(Summary { about, dropped }: Summary) -> Event<'static> {
    let mut tags = Map::from_iter([("storm.suppressed".to_owned(), dropped.to_string())]);
    tags.extend(about.category.map(|category| ("error.category".to_owned(), category)));
    Event {
        level: about.level,
        logger: Some(NOTICE.to_owned()),
        fingerprint: vec![STORM.into(), about.title.clone().into()].into(),
        message: Some(format!("{dropped} more events of {} within a minute were not sent", about.title)),
        tags,
        ..Event::default()
    }
}

fn has_stack(event: &Event<'_>) -> bool {
    event.stacktrace.is_some()
        || event.exception.iter().any(|exception| exception.stacktrace.is_some())
        || event.threads.iter().any(|thread| thread.stacktrace.is_some())
}

/// An event on its way.
pub(super) struct Parcel {
    pub event: Event<'static>,
    /// What stands before what the scope says.
    pub said: Said,
    /// It goes now, also where events are held back.
    pub at_once: bool,
}

/// Hands an event to the client, or to the task that holds events back. Tells its id, if it goes or may go.
pub(super) fn hand_over(hub: &Hub, client: &Arc<Client>, mut parcel: Parcel, calls: &dyn OpenCalls) -> Option<Uuid> {
    // An event is large: it stays in the parcel until it is handed on.
    let Parcel { event, said, at_once } = &mut parcel;
    let holder = if *at_once { None } else { holder(calls) };
    let reporter = Reporter::of(client);
    event.sdk = reporter.and_then(|reporter| *reporter.sdk.get()?).map(Cow::Borrowed);
    // To put it on a scope of its own and from there on the event costs as much as all the rest of an event.
    let _saying = reporter.map(|_| state::say(event.event_id, std::mem::take(said)));
    let is_ours = reporter.is_some();
    let Parcel { event, said, .. } = parcel;
    let Some(holder) = holder else {
        let sent = if is_ours {
            hub.capture_event(event)
        } else {
            hub.with_scope(|scope| said.put_on(scope), || hub.capture_event(event))
        };
        return (!sent.is_nil()).then_some(sent);
    };
    // As it is now: when the attempt ends, scope, trace and breadcrumbs are others.
    let mut scope = hub.configure_scope(|scope| scope.clone());
    let event = if is_ours {
        client.prepare_event(event, Some(&scope))
    } else {
        said.put_on(&mut scope);
        client.prepare_event(event, Some(&scope))
    }?;
    let id = event.event_id;
    let mut event = Some(event);
    calls.marks(holder, &mut |marks| {
        if let (Some(held), Some(event)) = (marks.held(), event.take()) {
            held.push(Arc::clone(client), event);
        }
    });
    Some(id)
}

/// The depth of the innermost call that holds events back.
fn holder(calls: &dyn OpenCalls) -> Option<usize> {
    let (mut depth, mut found) = (0, None);
    calls.each(&mut |call| {
        if call.marks.is_some_and(super::once::Marks::is_holding) {
            found = Some(depth);
        }
        depth += 1;
        found.is_none()
    });
    found
}
