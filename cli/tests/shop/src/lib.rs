//! A barber's shop, as `watchpost catalog` reads it.

mod jobs;

use watchpost::{Classify, SentryContext, SentryUser, capture_errors, monitor_performance};

#[derive(SentryContext)]
#[context(name = "booking")]
pub struct BookingContext<'a> {
    appointment_id: u64,
    #[context(tag)]
    service: &'a str,
}

#[derive(SentryUser)]
pub struct Customer {
    #[user(id)]
    id: u64,
}

#[derive(Debug, Classify)]
pub enum BookingError {
    #[classify(category = "booking", level = "warning")]
    SlotTaken,
    #[classify(category = "database")]
    Storage,
    #[classify(ignore)]
    Cancelled,
}

#[monitor_performance("booking_creation", op = "business.booking", slow = "500ms", metric)]
#[capture_errors(context = BookingContext { appointment_id, service })]
pub async fn create_booking(appointment_id: u64, service: &str) -> Result<(), BookingError> {
    Database::insert(appointment_id, service).await
}

#[monitor_performance("payment_processing", op = "business.payment", slow = "2s")]
#[capture_errors(category = "payment")]
pub fn process_payment(amount_cents: u64) -> Result<(), BookingError> {
    Ok(())
}

struct Database;

#[cfg_attr(feature = "monitoring", watchpost::monitor_performance(op = "db.query"))]
impl Database {
    async fn insert(appointment_id: u64, service: &str) -> Result<(), BookingError> {
        Ok(())
    }
}
