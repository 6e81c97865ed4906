//! The nightly reminder.

use time::{Duration, OffsetDateTime, Time};
use watchpost::monitored_task;

use crate::queue::{self, Message, Template};
use crate::service::Shop;

/// Reminds everyone who has an appointment on the day after `today`; returns how many that are. A scheduler would call
/// it every night; here it is called by hand, and the monitor is told all the same.
#[monitored_task(
    "nightly_reminders",
    cron = "0 3 * * *",
    timezone = "Europe/Berlin",
    checkin_margin = "5m",
    max_runtime = "30m"
)]
pub async fn nightly_reminders(shop: &Shop, today: OffsetDateTime) -> sqlx::Result<usize> {
    let tomorrow = today.replace_time(Time::MIDNIGHT) + Duration::DAY;
    let (from, to) = (tomorrow.unix_timestamp(), (tomorrow + Duration::DAY).unix_timestamp());
    let appointments = shop.db.appointments_between(from, to).await?;
    for appointment in &appointments {
        let (appointment_id, template) = (appointment.id, Template::Reminder);
        queue::publish(&shop.db, &Message::Email { appointment_id, template }).await?;
        if appointment.customer.phone.is_some() {
            queue::publish(&shop.db, &Message::Sms { appointment_id, template }).await?;
        }
    }
    Ok(appointments.len())
}
