//! One run of a task: what it tells when it begins and when it ends.

use std::borrow::Cow;
use std::time::{Duration, Instant, SystemTime};

use sentry_core::protocol::{Context, Event, Map, SpanStatus, Value};
use sentry_core::{Breadcrumb, Hub, Level};

use super::checkin::CheckIn;
use super::history::{Attempt, Named};
use super::info::Info;
use crate::CallSite;
use crate::Retry;
use crate::capture::NOTICE;
use crate::capture::held::Held;
use crate::site::{CronSite, Report};
use crate::span::state;

/// One run of a task.
#[derive(Debug)]
pub(crate) struct Run {
    site: &'static CallSite,
    name: Cow<'static, str>,
    pub(super) queue: Option<Cow<'static, str>>,
    pub(super) report: Report,
    cron: Option<&'static CronSite>,
    info: Info,
    began: (Instant, SystemTime),
    check_in: Option<CheckIn>,
    /// What the error said about trying again, if it ended with one.
    retry: Option<Retry>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    Failed,
    Panicked,
    Cancelled,
}

impl Run {
    /// Of an annotated function.
    pub(crate) fn of(site: &'static CallSite, info: Info) -> Option<Box<Self>> {
        let task = site.task()?;
        let run = Self::named(site, Cow::Borrowed(site.name()), info);
        let queue = task.queue.map(Cow::Borrowed);
        Some(Box::new(Self { queue, report: task.report, cron: task.cron.as_ref(), ..run }))
    }

    /// With nothing known but its name.
    pub(super) fn named(site: &'static CallSite, name: Cow<'static, str>, info: Info) -> Self {
        Self {
            site,
            name,
            queue: None,
            report: Report::LastAttempt,
            cron: None,
            info,
            began: (Instant::now(), SystemTime::now()),
            check_in: None,
            retry: None,
        }
    }

    /// The transaction's data, in the names of Sentry's
    /// [queue conventions](https://develop.sentry.dev/sdk/telemetry/traces/modules/queues/).
    pub(crate) fn data(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let latency = self.latency().map(|latency| Value::from(millis(latency)));
        let retries = self.info.attempt.map(|attempt| Value::from(attempt.saturating_sub(1)));
        [
            ("messaging.destination.name", self.queue.as_deref().map(Value::from)),
            ("messaging.message.id", self.info.id.as_deref().map(Value::from)),
            ("messaging.message.retry.count", retries),
            ("messaging.message.receive.latency", latency),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
    }

    /// How long the job waited. Clocks of two machines may disagree: then it did not wait.
    fn latency(&self) -> Option<Duration> {
        let enqueued = self.info.enqueued_at?;
        Some(self.began.1.duration_since(enqueued).unwrap_or_default())
    }

    /// By what its attempts are told together.
    fn job(&self) -> Option<Named<'_>> {
        let id = self.info.id.as_deref()?;
        Some(Named { site: self.site, name: &self.name, queue: self.queue.as_deref(), id })
    }

    /// Whether there will be another attempt if this one fails, for all that is known.
    fn has_another(&self) -> bool {
        matches!((self.info.attempt, self.info.max_attempts), (Some(attempt), Some(most)) if attempt < most)
    }

    /// Whether events wait for the end of this attempt.
    pub(crate) fn holds(&self) -> bool {
        self.report == Report::LastAttempt && self.has_another()
    }

    /// The run begins; its hub is bound.
    pub(crate) fn begin(&mut self) {
        self.began = (Instant::now(), SystemTime::now());
        let hub = Hub::current();
        if let (Some(cron), Some(client)) = (self.cron, hub.client()) {
            self.check_in = Some(CheckIn::open(client, cron));
        }
        let before = self.job().map(|job| state::attempts().of(job, self.info.attempt)).unwrap_or_default();
        hub.configure_scope(|scope| {
            scope.set_tag("task.name", &self.name);
            if self.info.lost > 0 {
                scope.set_tag("task.lost", self.info.lost);
            }
            scope.set_context("task", Context::Other(self.context(&before)));
        });
        let told = before.iter().map(|attempt| attempt.lost).max().unwrap_or_default();
        for attempt in before {
            for breadcrumb in attempt.breadcrumbs {
                hub.add_breadcrumb(breadcrumb);
            }
            hub.add_breadcrumb(Breadcrumb {
                timestamp: attempt.began + attempt.took,
                category: Some("task".into()),
                level: Level::Warning,
                message: Some(format!("attempt {} failed after {} ms", attempt.number, millis(attempt.took))),
                ..Breadcrumb::default()
            });
        }
        if let Some(lost @ 1..) = self.info.lost.checked_sub(told) {
            self.tell_of_the_lost(&hub, lost);
        }
    }

    /// A worker that was killed tells nothing: the next attempt tells it in its place.
    fn tell_of_the_lost(&self, hub: &Hub, lost: u64) {
        let text = format!("Attempt lost: {}", self.name);
        hub.capture_event(Event {
            level: Level::Warning,
            logger: Some(NOTICE.to_owned()),
            fingerprint: vec!["task-attempt-lost".into(), self.name.clone()].into(),
            message: Some(text.clone()),
            tags: Map::from_iter([("error.category".to_owned(), self.site.category().unwrap_or("task").to_owned())]),
            ..Event::default()
        });
        hub.add_breadcrumb(Breadcrumb {
            category: Some("task".into()),
            level: Level::Warning,
            message: Some(text),
            ..Breadcrumb::default()
        });
        #[cfg(not(feature = "metrics"))]
        let _ = lost;
        #[cfg(feature = "metrics")]
        crate::metrics::count("task.lost", lost)
            .attribute("task.name", &*self.name)
            .attribute("task.queue", self.queue.as_deref().unwrap_or_default())
            .send();
    }

    /// What events of the run say about it.
    fn context(&self, before: &[Attempt]) -> Map<String, Value> {
        let mut fields = Map::new();
        let mut say = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(key.to_owned(), value);
            }
        };
        say("name", Some((&*self.name).into()));
        say("queue", self.queue.as_deref().map(Value::from));
        say("id", self.info.id.as_deref().map(Value::from));
        say("attempt", self.info.attempt.map(Value::from));
        say("max_attempts", self.info.max_attempts.map(Value::from));
        say("latency_ms", self.latency().map(|latency| millis(latency).into()));
        say("schedule", self.cron.map(|cron| cron.schedule.into()));
        let told: Vec<Value> = before
            .iter()
            .map(|attempt| format!("attempt {}: failed after {} ms", attempt.number, millis(attempt.took)).into())
            .collect();
        say("earlier_attempts", (!told.is_empty()).then_some(Value::Array(told)));
        say("lost_attempts", Some(self.info.lost).filter(|lost| *lost > 0).map(Value::from));
        // Another worker ran them, or their worker was killed: nobody here can tell which.
        let seen = u64::try_from(before.len()).unwrap_or(u64::MAX).saturating_add(self.info.lost);
        let missing = self.info.attempt.map(|attempt| attempt.saturating_sub(1).saturating_sub(seen));
        say("attempts_not_seen_here", missing.filter(|missing| *missing > 0).map(Value::from));
        fields
    }

    /// What the error that ends the run says about trying again.
    pub(crate) fn failed(&mut self, retry: Option<Retry>) {
        self.retry = retry;
    }

    /// The run ends; its hub is still bound. Tells the status of its transaction, where that is not its outcome's.
    pub(crate) fn end(self, outcome: Outcome, held: Option<Held>) -> Option<SpanStatus> {
        let took = self.began.0.elapsed();
        let again = outcome == Outcome::Failed && self.retry != Some(Retry::Never) && self.has_another();
        let status = match outcome {
            Outcome::Ok => "ok",
            Outcome::Failed if again => "retry",
            Outcome::Failed => "error",
            Outcome::Panicked => "panic",
            Outcome::Cancelled => "cancelled",
        };
        Hub::current().configure_scope(|scope| scope.set_tag("task.status", status));
        let mut breadcrumbs = Vec::new();
        match held {
            Some(held) if again => breadcrumbs.extend(held.into_breadcrumbs()),
            Some(held) => held.send(),
            None => {}
        }
        if let Some(job) = self.job() {
            if again {
                let attempt = Attempt {
                    number: self.info.attempt.unwrap_or(1),
                    began: self.began.1,
                    took,
                    lost: self.info.lost,
                    breadcrumbs,
                };
                state::attempts().add(job, attempt);
            } else {
                state::attempts().forget(job);
            }
        }
        #[cfg(feature = "metrics")]
        self.measure(status, took);
        if let Some(check_in) = self.check_in {
            check_in.close(outcome == Outcome::Ok, took);
        }
        (again && self.report == Report::LastAttempt).then_some(SpanStatus::Aborted)
    }

    #[cfg(feature = "metrics")]
    fn measure(&self, status: &'static str, took: Duration) {
        use crate::metrics;
        let queue = self.queue.as_deref().unwrap_or_default();
        metrics::distribution("task.duration", crate::context::millis(took))
            .unit("millisecond")
            .attribute("task.name", &*self.name)
            .attribute("task.queue", queue)
            .attribute("task.status", status)
            .send();
        metrics::count("task.completed", 1)
            .attribute("task.name", &*self.name)
            .attribute("task.queue", queue)
            .attribute("task.status", status)
            .send();
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
