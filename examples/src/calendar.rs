//! The barbers' calendars, which live at a calendar provider.

use serde::Deserialize;
use serde_json::json;
use watchpost::{Classify, SentryContext, capture_errors, monitor_performance, monitored_task};

use crate::outgoing::ProviderError;
use crate::queue::Job;
use crate::service::Shop;

/// What every integration error should tell.
#[derive(Debug, SentryContext)]
#[context(name = "integration")]
pub struct IntegrationContext<'a> {
    #[context(tag)]
    pub integration_type: &'a str,
    pub operation: &'a str,
    pub external_id: &'a str,
}

/// Why a calendar is not up to date.
#[derive(Debug, thiserror::Error, Classify)]
pub enum CalendarError {
    #[error("access to the calendar was revoked")]
    #[classify(category = "integration", level = "warning", status = "permission_denied", retry = "never")]
    Revoked,
    #[error("there is no appointment {0}")]
    #[classify(category = "integration", status = "not_found", retry = "never")]
    NoAppointment(i64),
    #[error("the calendar provider failed")]
    #[classify(delegate)]
    Provider(#[from] ProviderError),
    #[error("the database failed")]
    #[classify(category = "database", status = "unavailable")]
    Database(#[from] sqlx::Error),
}

/// Brings one appointment into its barber's calendar, or out of it.
#[monitored_task("sync_calendar", queue = "integrations", id = job.id, attempt = job.attempt,
    max_attempts = job.max_attempts, enqueued_at = job.enqueued_at, trace = job.trace, category = "integration")]
pub async fn sync_calendar(shop: &Shop, job: &Job, appointment_id: i64) -> Result<(), CalendarError> {
    let appointment = shop.db.find_appointment(appointment_id).await?;
    let appointment = appointment.ok_or(CalendarError::NoAppointment(appointment_id))?;
    let barber = shop.db.find_barber(appointment.barber_id).await?;
    let barber = barber.ok_or(CalendarError::NoAppointment(appointment_id))?;
    let busy = appointment.status == "confirmed";
    put_event(shop, &barber.calendar_id, appointment_id, appointment.starts_at, busy).await
}

#[derive(Deserialize)]
struct Event {
    #[expect(dead_code, reason = "an answer without an id is malformed")]
    id: String,
}

#[monitor_performance("calendar_sync", op = "integration.calendar")]
#[capture_errors(category = "integration", context = IntegrationContext {
    integration_type: "google_calendar",
    operation: "sync_events",
    external_id: calendar_id,
})]
async fn put_event(
    shop: &Shop,
    calendar_id: &str,
    appointment_id: i64,
    starts_at: i64,
    busy: bool,
) -> Result<(), CalendarError> {
    let path = format!("/calendars/{calendar_id}/events/{appointment_id}");
    let event = json!({ "starts_at": starts_at, "busy": busy });
    match shop.calendars.put::<Event>(&path, &event).await {
        Ok(_) => Ok(()),
        Err(ProviderError::Refused { status: 401, .. }) => Err(CalendarError::Revoked),
        Err(other) => Err(other.into()),
    }
}
