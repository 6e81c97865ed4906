//! One error on its way to Sentry.

use std::borrow::Cow;
use std::sync::Arc;

use sentry_core::protocol::Event;
use sentry_core::types::Uuid;
use sentry_core::{Client, Hub, Level};

use super::chain::Chain;
use super::classify::{Policy, Retry};
use super::gather::Gathered;
use super::here::isolated;
use super::once::OpenCalls;
use super::reporter::{Parcel, Reporter, hand_over};
use super::stack;
use super::storm::About;
use super::told::Heard;
use super::values::Values;
use crate::CallSite;
use crate::site::Kind;

/// The category of a task's errors where nothing else is said.
const TASK: &str = "task";

/// What is said of an error by those who report it.
#[derive(Debug)]
pub(super) struct Report<'a> {
    told: &'a Heard<'a>,
    variant: Option<&'static str>,
    pub category: Option<Cow<'static, str>>,
    pub level: Option<Level>,
    pub fingerprint: Option<Vec<String>>,
    /// What is known of the error alone, beside what the open calls say.
    pub values: Values,
    /// It goes now, also where a task holds events back.
    pub at_once: bool,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// It was not kept back on purpose.
    pub captured: bool,
    pub event: Option<Uuid>,
}

impl Sent {
    const KEPT_BACK: Self = Self { captured: false, event: None };
    /// Captured, and lost on the way: by the storm guard, a sampling rate, a hook.
    const NOT_SENT: Self = Self { captured: true, event: None };
}

/// What the open calls say before anything is gathered.
#[derive(Debug, Default)]
struct Place {
    innermost: Option<&'static CallSite>,
    /// What the innermost call that says any says.
    category: Option<&'static str>,
    level: Option<Level>,
}

impl Place {
    fn of(calls: &dyn OpenCalls) -> Self {
        let mut place = Self::default();
        calls.each(&mut |call| {
            if let Some(site) = call.extent.site() {
                place.innermost = place.innermost.or(Some(site));
                let of_task = site.kind().has(Kind::TASK).then_some(TASK);
                place.category = place.category.or(site.category()).or(of_task);
                place.level = place.level.or(site.level());
            }
            true
        });
        place
    }
}

impl<'a> Report<'a> {
    /// With the words of the error's own type.
    pub(super) fn of(told: &'a Heard<'a>, policy: &Policy) -> Self {
        let fingerprint = policy.fingerprint.map(|parts| parts.iter().map(|part| (*part).to_owned()).collect());
        Self {
            told,
            variant: policy.variant,
            category: policy.category.map(Cow::Borrowed),
            level: policy.level,
            fingerprint,
            values: Values::default(),
            at_once: policy.retry == Some(Retry::Never),
        }
    }

    /// Sends the error with everything that the open calls say of it.
    pub(super) fn send(self, calls: &dyn OpenCalls) -> Sent {
        let hub = Hub::current();
        let Some(client) = hub.client().filter(|client| client.is_enabled()) else { return Sent::KEPT_BACK };
        let fallback;
        let reporter = match Reporter::of(&client) {
            Some(reporter) => reporter,
            None => {
                fallback = Reporter::default();
                &fallback
            }
        };
        reporter.tell_of_storms(&client);
        // Processors of the program's are run.
        isolated(|| self.send_by(&hub, &client, reporter, calls)).unwrap_or(Sent::NOT_SENT)
    }

    fn send_by(self, hub: &Hub, client: &Arc<Client>, reporter: &Reporter, calls: &dyn OpenCalls) -> Sent {
        let options = client.options();
        let chain = Chain::of(self.told, self.variant);
        let place = Place::of(calls);
        let category = self.category.or_else(|| place.category.map(Cow::Borrowed));
        if reporter.ignores(&chain, category.as_deref()) {
            return Sent::KEPT_BACK;
        }
        let level = self.level.or(place.level);
        let fingerprint = self.fingerprint.or_else(|| reporter.fingerprint(&chain, category.as_deref()));
        let about = || About {
            title: chain.title(),
            category: category.as_deref().map(str::to_owned),
            level: level.unwrap_or(Level::Error),
        };
        if !reporter.admits(|| chain.kind(fingerprint.as_deref(), place.innermost), about) {
            return Sent::NOT_SENT;
        }
        let mut gathered = Gathered::from(calls, self.values, reporter.with_arguments());
        let mut exceptions = chain.exceptions();
        let title = exceptions.last().map_or("", |outermost| outermost.ty.as_str());
        gathered.file_under(category.as_deref(), title);
        let machine =
            if options.attach_stacktrace { reporter.symbols.stack_of(self.told, options) } else { Vec::new() };
        if let Some(outermost) = exceptions.last_mut() {
            outermost.stacktrace = stack::of(std::mem::take(&mut gathered.stack), machine);
        }
        let mut event =
            Event { level: level.unwrap_or(Level::Error), exception: exceptions.into(), ..Event::default() };
        if let Some(parts) = fingerprint {
            event.fingerprint = parts.into_iter().map(Cow::Owned).collect::<Vec<_>>().into();
        }
        let parcel = Parcel { event, said: gathered.into_said(level), at_once: self.at_once };
        Sent { captured: true, event: hand_over(hub, client, parcel, calls) }
    }
}
