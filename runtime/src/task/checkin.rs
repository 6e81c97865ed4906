//! One run of a scheduled task, as Sentry's cron monitors see it.

use std::sync::Arc;
use std::time::Duration;

use sentry_core::protocol::{EnvelopeItem, MonitorCheckIn, MonitorCheckInStatus, MonitorConfig, MonitorSchedule};
use sentry_core::types::{Uuid, random_uuid};
use sentry_core::{Client, Envelope};

use crate::site::CronSite;

/// A check-in that was opened with `in_progress`. Each run has its own, so runs may overlap.
///
/// The SDK has no verb for check-ins: the envelope is built here. They pass no sampling and no hook but our own.
pub(crate) struct CheckIn {
    client: Arc<Client>,
    site: &'static CronSite,
    id: Uuid,
}

impl std::fmt::Debug for CheckIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckIn").field("slug", &self.site.slug).field("id", &self.id).finish_non_exhaustive()
    }
}

impl CheckIn {
    /// Says that a run has begun, and what the monitor's configuration is, so that a monitor need not be made by hand.
    pub(crate) fn open(client: Arc<Client>, site: &'static CronSite) -> Self {
        let check_in = Self { client, site, id: random_uuid() };
        check_in.send(MonitorCheckInStatus::InProgress, None, Some(config(site)));
        check_in
    }

    /// Says how the run ended.
    pub(crate) fn close(self, ok: bool, took: Duration) {
        let status = if ok { MonitorCheckInStatus::Ok } else { MonitorCheckInStatus::Error };
        self.send(status, Some(took.as_secs_f64()), None);
    }

    fn send(&self, status: MonitorCheckInStatus, duration: Option<f64>, monitor_config: Option<MonitorConfig>) {
        let mut envelope = Envelope::new();
        envelope.add_item(EnvelopeItem::MonitorCheckIn(MonitorCheckIn {
            check_in_id: self.id,
            monitor_slug: self.site.slug.to_owned(),
            status,
            environment: self.client.options().environment.as_deref().map(str::to_owned),
            duration,
            monitor_config,
        }));
        self.client.send_envelope(envelope);
    }
}

fn config(site: &CronSite) -> MonitorConfig {
    MonitorConfig {
        schedule: MonitorSchedule::Crontab { value: site.schedule.to_owned() },
        checkin_margin: site.checkin_margin,
        max_runtime: site.max_runtime,
        timezone: site.timezone.map(str::to_owned),
        failure_issue_threshold: None,
        recovery_threshold: None,
    }
}
