//! Errors of the business, with what is to be known of them.

use std::io::ErrorKind;

use watchpost::{Level, SentryContext, capture_errors, monitor_performance};

use super::{Part, TestFailure};
use crate::test::expect::{absent, category, count, some, spans};

pub(super) fn database() -> Part {
    #[monitor_performance("watchpost_test_database", op = "business.logic")]
    #[capture_errors(category = "database", level = "warning", tags(database = "postgresql"))]
    fn find_customer() -> Result<(), TestFailure> {
        watchpost::span("db.query", "SELECT id FROM customers WHERE email = 'grace@example.com' AND pin = 4711")
            .field("db.system.name", "postgresql")
            .run_result(|| {
                Err(TestFailure::because("watchpost test: the database does not answer", ErrorKind::TimedOut))
            })
    }
    Part {
        run: || drop(find_customer()),
        expected: vec![
            some("the error is of the category `database`", "event", |event| category(event) == Some("database")),
            some("the query is a span", "transaction", |transaction| spans(transaction, "db.query").count() == 1),
            absent("its literals do not leave", &["grace@example.com", "4711"]),
            some("the error is linked to its trace", "event", |event| {
                event["contexts"]["trace"]["trace_id"].is_string()
            }),
        ],
        look_for: "an error with `error.category: database`, and the query's span in its trace",
    }
}

#[derive(Debug, SentryContext)]
#[context(name = "payment")]
struct TestPayment {
    payment_id: &'static str,
    #[context(tag)]
    currency: &'static str,
    amount_cents: u64,
}

pub(super) fn payment() -> Part {
    #[monitor_performance("watchpost_test_payment", op = "business.payment")]
    #[capture_errors(category = "payment", level = "warning", fingerprint = ["watchpost-test", "payment"], context = payment)]
    fn charge(payment: &TestPayment) -> Result<(), TestFailure> {
        if payment.amount_cents == 0 {
            return Ok(());
        }
        Err(TestFailure::new("watchpost test: the card 4111 1111 1111 1111 was declined"))
    }
    Part {
        run: || drop(charge(&TestPayment { payment_id: "pay_test", currency: "EUR", amount_cents: 4200 })),
        expected: vec![
            some("the error is of the category `payment`", "event", |event| category(event) == Some("payment")),
            some("it has the context `payment`", "event", |event| {
                let payment = &event["contexts"]["payment"];
                payment["payment_id"] == "pay_test" && payment["amount_cents"] == 4200
            }),
            some("the currency is a tag", "event", |event| event["tags"]["payment.currency"] == "EUR"),
            some("it has its fingerprint", "event", |event| event["fingerprint"][0] == "watchpost-test"),
            absent("the card's number does not leave", &["4111 1111 1111 1111"]),
            count("the payment is a transaction", "transaction", 1),
        ],
        look_for: "an error with `error.category: payment` and the context `payment`",
    }
}

#[derive(Debug, SentryContext)]
#[context(name = "booking")]
struct TestBooking {
    appointment_id: u64,
    #[context(tag)]
    service: &'static str,
}

pub(super) fn booking() -> Part {
    #[monitor_performance("watchpost_test_booking", op = "business.booking", fields(appointment_id = booking.appointment_id))]
    #[capture_errors(category = "booking", level = "warning", context = booking)]
    fn create_booking(booking: &TestBooking) -> Result<(), TestFailure> {
        let is_free = watchpost::span("business.logic", "validate_booking_rules").run(|| booking.appointment_id != 17);
        if is_free { Ok(()) } else { Err(TestFailure::new("watchpost test: the slot is taken")) }
    }
    Part {
        run: || drop(create_booking(&TestBooking { appointment_id: 17, service: "haircut" })),
        expected: vec![
            some("the error is of the category `booking`", "event", |event| category(event) == Some("booking")),
            some("it has the context `booking`", "event", |event| event["contexts"]["booking"]["appointment_id"] == 17),
            some("its transaction has failed", "transaction", |transaction| {
                let trace = &transaction["contexts"]["trace"];
                trace["op"] == "business.booking" && trace["status"] == "internal_error"
            }),
            some("the step below is a span", "transaction", |transaction| {
                spans(transaction, "business.logic").count() == 1
            }),
        ],
        look_for: "an error with `error.category: booking`, and the transaction `watchpost_test_booking`",
    }
}

pub(super) fn integration() -> Part {
    #[monitor_performance("watchpost_test_calendar", op = "integration.calendar")]
    fn sync_calendar() {
        let called = watchpost::span("http.client", "GET https://calendar.example.com/events")
            .field("http.response.status_code", 503)
            .run_result(|| Err::<(), _>(TestFailure::new("watchpost test: the calendar does not answer")));
        if let Err(error) = called {
            watchpost::capture_error(&error)
                .category("integration")
                .level(Level::Warning)
                .context(("integration", [("integration_type", "google_calendar"), ("operation", "sync_events")]))
                .send();
        }
    }
    Part {
        run: sync_calendar,
        expected: vec![
            some("the error is of the category `integration`", "event", |event| category(event) == Some("integration")),
            some("it has the context `integration`", "event", |event| {
                event["contexts"]["integration"]["integration_type"] == "google_calendar"
            }),
            some("the call is a span", "transaction", |transaction| spans(transaction, "http.client").count() == 1),
        ],
        look_for: "an error with `error.category: integration`, and the call's span in its trace",
    }
}
