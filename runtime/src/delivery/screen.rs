//! What every item goes through before it may leave: the program's hook, then redaction. Both fail closed.

use sentry_core::client_report::Recorder;
use sentry_core::protocol::client_report::LossSource;
use sentry_core::protocol::{EnvelopeItem, ItemContainer};

use super::counts::{DropReason, Kind, Verdict};
use super::enrich::{self, Lifted};
use super::hooks::{self, Hooks, isolate};
use super::losses;
use super::wire::Identity;
use crate::redact::Redactor;

/// An item that may leave.
#[derive(Debug)]
pub(super) struct Screened {
    pub(super) item: EnvelopeItem,
    pub(super) lifted: Option<Lifted>,
}

/// The hooks and the redactor.
#[derive(Debug)]
pub(super) struct Screen {
    pub(super) hooks: Hooks,
    pub(super) redactor: Redactor,
    pub(super) identity: Identity,
    pub(super) recorder: Recorder,
}

impl Screen {
    /// The item as it may leave, or what took it. Losses are in the verdict and with the recorder already.
    pub(super) fn pass(&self, item: EnvelopeItem, verdict: &mut Verdict) -> Result<Screened, DropReason> {
        let mut lifted = None;
        let item = match item {
            EnvelopeItem::Event(event) => {
                let mut event = self.hooked(Kind::Event, self.hooks.before_send.as_ref(), *event, verdict)?;
                enrich::lift_event(&mut event);
                EnvelopeItem::from(self.redacted(Kind::Event, event, verdict, Redactor::event)?)
            }
            EnvelopeItem::Transaction(transaction) => {
                let hook = self.hooks.before_send_transaction.as_ref();
                let mut transaction = self.hooked(Kind::Transaction, hook, *transaction, verdict)?;
                lifted = Some(enrich::lift(&mut transaction));
                EnvelopeItem::from(self.redacted(Kind::Transaction, transaction, verdict, Redactor::transaction)?)
            }
            EnvelopeItem::MonitorCheckIn(mut check_in) => {
                if check_in.environment.is_none() {
                    check_in.environment = self.identity.environment().map(str::to_owned);
                }
                let hook = self.hooks.before_send_check_in.as_ref();
                let check_in = self.hooked(Kind::CheckIn, hook, check_in, verdict)?;
                self.redacted(Kind::CheckIn, check_in, verdict, Redactor::check_in)?.into()
            }
            EnvelopeItem::SessionUpdate(session) => {
                self.redacted(Kind::Session, session, verdict, Redactor::session)?.into()
            }
            // Aggregates are numbers, the release and the environment; the distinct ids in them are hashes of the SDK's.
            EnvelopeItem::SessionAggregates(sessions) => {
                self.redacted(Kind::Session, sessions, verdict, Redactor::session_aggregates)?.into()
            }
            EnvelopeItem::Attachment(attachment) => {
                self.redacted(Kind::Attachment, attachment, verdict, Redactor::attachment)?.into()
            }
            EnvelopeItem::ItemContainer(ItemContainer::Logs(logs)) => {
                let hook = self.hooks.before_send_log.as_ref();
                let logs = logs.into_iter().filter_map(|log| {
                    let log = self.hooked(Kind::Log, hook, log, verdict).ok()?;
                    self.redacted(Kind::Log, log, verdict, Redactor::log).ok()
                });
                some(logs.collect::<Vec<_>>())?
            }
            EnvelopeItem::ItemContainer(ItemContainer::Metrics(metrics)) => {
                let hook = self.hooks.before_send_metric.as_ref();
                let metrics = metrics.into_iter().filter_map(|metric| {
                    let metric = self.hooked(Kind::Metric, hook, metric, verdict).ok()?;
                    self.redacted(Kind::Metric, metric, verdict, Redactor::metric).ok()
                });
                some(metrics.collect::<Vec<_>>())?
            }
            report @ EnvelopeItem::ClientReport(_) => report,
            // What we cannot look into we cannot redact.
            _ => {
                verdict.drop(DropReason::Redaction, Kind::Other, 1);
                return Err(DropReason::Redaction);
            }
        };
        Ok(Screened { item, lifted })
    }

    fn hooked<T: LossSource>(
        &self,
        kind: Kind,
        hook: Option<&sentry_core::BeforeCallback<T>>,
        item: T,
        verdict: &mut Verdict,
    ) -> Result<T, DropReason> {
        if hook.is_none() {
            return Ok(item);
        }
        let weight = losses::weigh(&item);
        let reason = match hooks::ask(hook, item) {
            Ok(Some(item)) => return Ok(item),
            Ok(None) => DropReason::Hook,
            Err(hooks::Panicked) => {
                verdict.hook_panics += 1;
                DropReason::HookPanic
            }
        };
        verdict.drop(reason, kind, 1);
        losses::report(&self.recorder, &weight, reason);
        Err(reason)
    }

    fn redacted<T: LossSource>(
        &self,
        kind: Kind,
        mut item: T,
        verdict: &mut Verdict,
        redact: impl FnOnce(&Redactor, &mut T) -> u64,
    ) -> Result<T, DropReason> {
        // The redactor may call patterns of the program's own, and those may panic.
        match isolate(|| redact(&self.redactor, &mut item)) {
            Ok(values) => {
                verdict.redacted += values;
                Ok(item)
            }
            Err(hooks::Panicked) => {
                verdict.drop(DropReason::Redaction, kind, 1);
                losses::report(&self.recorder, &losses::weigh(&item), DropReason::Redaction);
                Err(DropReason::Redaction)
            }
        }
    }
}

/// A container with something in it; the losses of an empty one are counted already, each for itself.
fn some<T>(items: Vec<T>) -> Result<EnvelopeItem, DropReason>
where
    Vec<T>: Into<EnvelopeItem>,
{
    if items.is_empty() { Err(DropReason::Hook) } else { Ok(items.into()) }
}
