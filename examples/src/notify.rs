//! E-mail and text messages to customers.

use serde::Deserialize;
use serde_json::json;
use watchpost::notification::{Bounce, Outcome};
use watchpost::{Classify, delivery, monitored_task};

use crate::booking::{Appointment, Customer};
use crate::mail::MailError;
use crate::outgoing::ProviderError;
use crate::queue::{Job, Template};
use crate::service::Shop;

/// Why someone was not told.
#[derive(Debug, thiserror::Error, Classify)]
pub enum NotifyError {
    // Trying again will not make the mailbox exist.
    #[error("{channel} refused: {reason}")]
    #[classify(category = "notification", level = "warning", status = "failed_precondition", retry = "never")]
    Refused { channel: &'static str, reason: String },
    #[error("there is nobody to tell about appointment {0}")]
    #[classify(category = "notification", status = "not_found", retry = "never")]
    Nobody(i64),
    #[error("the e-mail was not sent")]
    #[classify(delegate)]
    Mail(#[source] MailError),
    #[error("the SMS provider failed")]
    #[classify(delegate)]
    Sms(#[source] ProviderError),
    #[error("the database failed")]
    #[classify(category = "database", status = "unavailable")]
    Database(#[from] sqlx::Error),
}

#[derive(Deserialize)]
struct Accepted {
    #[expect(dead_code, reason = "an answer without an id is malformed")]
    id: String,
}

#[monitored_task("send_email_notification", queue = "notifications", id = job.id, attempt = job.attempt,
    max_attempts = job.max_attempts, enqueued_at = job.enqueued_at, trace = job.trace, slow = "30s",
    category = "notification")]
pub async fn send_email_notification(
    shop: &Shop,
    job: &Job,
    appointment_id: i64,
    template: Template,
) -> Result<(), NotifyError> {
    let appointment = recipient(shop, appointment_id).await?;
    let Customer { name, email, .. } = &appointment.customer;
    let sent = shop.mail.send(name, email, template.subject(), format!("Dear {name}, {}.", template.text())).await;
    sent.map_err(|error| match error {
        // The answer repeats the address; an address in a text is found and redacted on its way out.
        MailError::Refused(answer) => NotifyError::Refused { channel: "e-mail", reason: answer.to_string() },
        other => NotifyError::Mail(other),
    })
}

#[monitored_task("send_sms_notification", queue = "notifications", id = job.id, attempt = job.attempt,
    max_attempts = job.max_attempts, enqueued_at = job.enqueued_at, trace = job.trace, slow = "30s",
    category = "notification")]
pub async fn send_sms_notification(
    shop: &Shop,
    job: &Job,
    appointment_id: i64,
    template: Template,
) -> Result<(), NotifyError> {
    let appointment = recipient(shop, appointment_id).await?;
    let phone = appointment.customer.phone.ok_or(NotifyError::Nobody(appointment_id))?;
    let message = json!({ "to": phone, "text": template.text() });
    let delivery = delivery("sms", shop.sms.name()).recipients(1);
    let sent = delivery.instrument_as(shop.sms.post::<Accepted>("/2010-04-01/Messages", &message), outcome).await;
    sent.map(|_| ()).map_err(|error| match error {
        // The message repeats the number, and in a text a phone number looks like any other: only the code may be told.
        ProviderError::Refused { code, .. } => NotifyError::Refused { channel: "SMS", reason: format!("code {code}") },
        other => NotifyError::Sms(other),
    })
}

/// A provider that refuses a message does so for good; one that cannot be reached has not taken it.
fn outcome<T>(sent: &Result<T, ProviderError>) -> Outcome {
    match sent {
        Ok(_) => Outcome::Sent,
        Err(ProviderError::Refused { .. }) => Outcome::Bounced(Bounce::Permanent),
        Err(_) => Outcome::Refused,
    }
}

async fn recipient(shop: &Shop, appointment_id: i64) -> Result<Appointment, NotifyError> {
    shop.db.find_appointment(appointment_id).await?.ok_or(NotifyError::Nobody(appointment_id))
}
