//! Appointments: made, listed, cancelled.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use watchpost::{Classify, SentryContext, capture_errors, monitor_performance};

use crate::auth::{Claims, Role};
use crate::payment::{self, Card, PaymentError};
use crate::queue::{self, Message, Template};
use crate::service::Shop;

/// Someone who cuts hair.
#[derive(Debug, Clone, Serialize)]
pub struct Barber {
    pub id: i64,
    pub name: String,
    #[serde(skip)]
    pub calendar_id: String,
}

/// What can be booked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Treatment {
    pub id: i64,
    pub name: String,
    pub minutes: i64,
    pub price_cents: i64,
}

/// Whom the appointment is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    pub name: String,
    pub email: String,
    pub phone: Option<String>,
}

/// An appointment as it is stored. Times are Unix seconds.
#[derive(Debug, Clone, Serialize)]
pub struct Appointment {
    pub id: i64,
    #[serde(skip)]
    pub customer_id: String,
    pub customer: Customer,
    pub barber_id: i64,
    pub service_id: i64,
    pub starts_at: i64,
    pub status: String,
}

/// An appointment about to be stored.
#[derive(Debug)]
pub struct NewAppointment<'a> {
    pub customer_id: &'a str,
    pub customer: &'a Customer,
    pub barber_id: i64,
    pub service_id: i64,
    pub starts_at: i64,
    pub ends_at: i64,
    pub note: Option<&'a str>,
}

/// What a customer asks for.
#[derive(Debug, Deserialize)]
pub struct BookingRequest {
    pub barber_id: i64,
    pub service_id: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub starts_at: OffsetDateTime,
    pub customer: Customer,
    pub card: Card,
    pub note: Option<String>,
}

/// What a customer gets.
#[derive(Debug, Serialize)]
pub struct Booking {
    pub appointment_id: i64,
    pub payment_id: String,
}

/// What every error around a booking should tell. Whom it is for is said by an id, never by a name.
#[derive(Debug, SentryContext)]
#[context(name = "booking")]
pub struct BookingContext<'a> {
    pub user_id: &'a str,
    pub location_id: u32,
    #[context(tag)]
    pub barber_id: Option<i64>,
    pub service_id: Option<i64>,
    pub appointment_id: Option<i64>,
}

/// Why there is no booking.
#[derive(Debug, thiserror::Error, Classify)]
pub enum BookingError {
    #[error("there is no barber {0}")]
    #[classify(category = "booking", level = "warning", status = "not_found", http = 404)]
    UnknownBarber(i64),
    #[error("there is no service {0}")]
    #[classify(category = "booking", level = "warning", status = "not_found", http = 404)]
    UnknownService(i64),
    #[error("the barber has something else at that time")]
    #[classify(category = "booking", level = "warning", status = "already_exists", http = 409)]
    SlotTaken,
    // Customers may ask for anything: these are answers, not failures.
    #[error("the shop is closed at that time")]
    #[classify(expected, status = "invalid_argument", http = 422)]
    Closed,
    #[error("that time is over")]
    #[classify(expected, status = "invalid_argument", http = 422)]
    Past,
    #[error("there is no such appointment")]
    #[classify(expected, status = "not_found", http = 404)]
    NotFound,
    #[error("that is someone else's appointment")]
    #[classify(category = "security", level = "warning", status = "permission_denied", http = 403)]
    NotYours,
    #[error("the payment did not go through")]
    #[classify(delegate)]
    Payment(#[from] PaymentError),
    #[error("the database failed")]
    #[classify(category = "database", status = "unavailable", http = 503)]
    Database(#[from] sqlx::Error),
}

/// Checks, takes the time, charges the card, and queues what is to be told to whom.
#[monitor_performance("booking_creation", op = "business.booking", slow = "2s",
    fields(barber_id = request.barber_id, service_id = request.service_id), metric)]
#[capture_errors(context = BookingContext {
    user_id: &claims.sub,
    location_id: claims.location_id,
    barber_id: Some(request.barber_id),
    service_id: Some(request.service_id),
    appointment_id: None,
})]
pub async fn create_booking(shop: &Shop, claims: &Claims, request: &BookingRequest) -> Result<Booking, BookingError> {
    let barber = shop.db.find_barber(request.barber_id).await?.ok_or(BookingError::UnknownBarber(request.barber_id))?;
    let treatment = shop.prices.find(&shop.db, request.service_id).await?;
    let treatment = treatment.ok_or(BookingError::UnknownService(request.service_id))?;
    let (starts_at, ends_at) = validate_booking_rules(request, &treatment, OffsetDateTime::now_utc())?;
    let new = NewAppointment {
        customer_id: &claims.sub,
        customer: &request.customer,
        barber_id: barber.id,
        service_id: treatment.id,
        starts_at,
        ends_at,
        note: request.note.as_deref(),
    };
    let appointment_id = shop.db.insert_appointment(&new).await?.ok_or(BookingError::SlotTaken)?;
    watchpost::current_span().set_field("appointment_id", appointment_id);
    let payment = match payment::charge(shop, appointment_id, treatment.price_cents, &request.card).await {
        Ok(payment) => payment,
        Err(error) => {
            shop.db.cancel_appointment(appointment_id).await?;
            return Err(error.into());
        }
    };
    shop.db.confirm_appointment(appointment_id, &payment).await?;
    tell_everyone(shop, appointment_id, Template::Confirmation, request.customer.phone.is_some()).await?;
    watchpost::metrics::count("bookings.created", 1);
    Ok(Booking { appointment_id, payment_id: payment.id })
}

/// When the appointment would be, in Unix seconds. The shop keeps UTC, so that it needs no table of time zones.
#[monitor_performance(op = "business.logic")]
fn validate_booking_rules(
    request: &BookingRequest,
    treatment: &Treatment,
    now: OffsetDateTime,
) -> Result<(i64, i64), BookingError> {
    let ends_at = request.starts_at + Duration::minutes(treatment.minutes);
    let seconds = |time: OffsetDateTime| i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60;
    if request.starts_at < now {
        return Err(BookingError::Past);
    }
    if seconds(request.starts_at) < OPENS || seconds(ends_at) > CLOSES || request.starts_at.date() != ends_at.date() {
        return Err(BookingError::Closed);
    }
    Ok((request.starts_at.unix_timestamp(), ends_at.unix_timestamp()))
}

const OPENS: i64 = 9 * 3600;
const CLOSES: i64 = 19 * 3600;

/// An appointment, for those whom it concerns.
#[capture_errors(context = BookingContext {
    user_id: &claims.sub,
    location_id: claims.location_id,
    barber_id: None,
    service_id: None,
    appointment_id: Some(appointment_id),
})]
pub async fn find_booking(shop: &Shop, claims: &Claims, appointment_id: i64) -> Result<Appointment, BookingError> {
    let appointment = shop.db.find_appointment(appointment_id).await?.ok_or(BookingError::NotFound)?;
    if claims.role == Role::Customer && appointment.customer_id != claims.sub {
        return Err(BookingError::NotYours);
    }
    Ok(appointment)
}

/// Cancels, gives the money back, and queues what is to be told to whom.
#[monitor_performance("booking_cancellation", op = "business.booking", fields(appointment_id))]
#[capture_errors]
pub async fn cancel_booking(shop: &Shop, claims: &Claims, appointment_id: i64) -> Result<(), BookingError> {
    let appointment = find_booking(shop, claims, appointment_id).await?;
    if !shop.db.cancel_appointment(appointment_id).await? {
        return Err(BookingError::NotFound);
    }
    if let Some(payment) = shop.db.find_payment(appointment_id).await? {
        payment::refund(shop, &payment).await?;
    }
    tell_everyone(shop, appointment_id, Template::Cancellation, appointment.customer.phone.is_some()).await?;
    Ok(())
}

async fn tell_everyone(shop: &Shop, appointment_id: i64, template: Template, by_sms: bool) -> sqlx::Result<()> {
    queue::publish(&shop.db, &Message::Email { appointment_id, template }).await?;
    if by_sms {
        queue::publish(&shop.db, &Message::Sms { appointment_id, template }).await?;
    }
    queue::publish(&shop.db, &Message::SyncCalendar { appointment_id }).await
}

/// The times of a day at which a barber is free, in Unix seconds, half an hour apart.
#[monitor_performance(op = "business.logic", fields(barber_id))]
#[capture_errors]
pub async fn find_available_slots(shop: &Shop, barber_id: i64, midnight: i64) -> Result<Vec<i64>, BookingError> {
    shop.db.find_barber(barber_id).await?.ok_or(BookingError::UnknownBarber(barber_id))?;
    let taken = shop.db.find_taken(barber_id, midnight + OPENS, midnight + CLOSES).await?;
    let slots = (midnight + OPENS..midnight + CLOSES).step_by(1800);
    let free = |slot: &i64| !taken.iter().any(|(from, to)| *from < slot + 1800 && *to > *slot);
    Ok(slots.filter(free).collect())
}
