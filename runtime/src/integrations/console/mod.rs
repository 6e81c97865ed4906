//! What is recorded, printed while developing (feature `console`).
//!
//! Without a DSN, [`init`](crate::init()) prints to standard error what would have been sent, as it would have been sent:
//! redacted, after the program's hooks. It does so where the environment is named `development`, and where none is named
//! and standard error is a terminal. [`Config::console`](crate::Config::console) says otherwise: `true` prints beside a
//! DSN and in production too, `false` never.
//!
//! ```text
//! POST /appointments  http.server  failed_precondition     200 ms  12:03:04Z  4bf92f35
//!   user_id=7 plan=gold
//!   function          charge_payment  failed_precondition …    ██████▋         80.0 ms
//!   http.client         POST http://pay/v1/charges              ████▊          50.0 ms
//!   queue.publish     notifications                                     ▊      10.0 ms
//!
//! warning  PaymentError::Declined: card [REDACTED] was …  payment  12:03:04Z  4bf92f35
//!                  PaymentError::Declined: card [REDACTED] was declined
//!   because of     GatewayError: insufficient_funds
//!   at             shop::payment::charge (src/payment.rs:42)  amount=3500 currency=EUR
//!                  shop::payment::checkout (src/payment.rs:20)
//!   payment        currency=EUR email=ja***@example.com
//!   tags           provider=stripe
//!   user           id=7
//!   in             POST /appointments
//! check-in  nightly_reminders  in progress
//! check-in  nightly_reminders  error                                            250 ms
//! log  warn  the calendar answers slowly  calendar=cal-1           12:03:04Z  4bf92f35
//! metric  booking.created  +3                                                12:03:04Z
//! metric  function.duration  12.346 to 80 millisecond, 2 values              12:03:04Z
//! metric  pool.idle  3                                                       12:03:04Z
//! ```
//!
//! A transaction is printed when it ends: its spans as a waterfall with the fields that are recorded on them. An error has
//! its causes, the program's own frames with their variables, tags, contexts, user and the last breadcrumbs. Check-ins and
//! logs are a line each; metrics one for each name and batch. The eight digits begin the trace's id: what belongs to one
//! trace, in whatever transaction or task, has the same.
//!
//! Everything of one envelope is written at once, so that nothing of the program comes between. Lines are as wide as
//! `COLUMNS` says, from 60 to 160, or 100; there is colour on a terminal unless `NO_COLOR` is set. Writing happens on the
//! thread that delivers: the program never waits for a terminal, and a closed one changes nothing.

mod error;
mod line;
mod sheet;
#[cfg(test)]
mod tests;
mod waterfall;

use std::io::{self, Write};
use std::sync::Arc;

use sentry_core::Envelope;
use sentry_core::protocol::{EnvelopeItem, ItemContainer};

use self::sheet::Sheet;
pub use self::sheet::Style;
use crate::delivery::Observer;

/// Prints what leaves to standard error. It is for [`delivery::Settings::observers`](crate::delivery::Settings::observers)
/// of people who make their [`Delivery`](crate::delivery::Delivery) themselves; a [`Config`](crate::Config) has it already.
pub fn observer() -> Observer {
    let style = Style::of_stderr();
    Arc::new(move |envelope| {
        let text = render(envelope, style);
        if !text.is_empty() {
            // Whoever closed standard error does not want to read.
            let _ = io::stderr().lock().write_all(text.as_bytes());
        }
    })
}

/// What [`observer`] prints of an envelope; empty where there is nothing that a person looks for.
///
/// ```
/// # #[cfg(feature = "testing")] {
/// use watchpost::console::{Style, render};
///
/// let sent = watchpost::testing::capture(|| {
///     watchpost::span("db.query", "find_available_slots").field("rows", 3).run(|| ());
/// });
/// let text = render(&sent.envelopes[0], Style::PLAIN);
/// assert!(text.contains("find_available_slots  db.query"));
/// assert!(text.contains("rows=3"));
/// # }
/// ```
pub fn render(envelope: &Envelope, style: Style) -> String {
    let mut sheet = Sheet::new(style);
    for item in envelope.items() {
        match item {
            EnvelopeItem::Transaction(transaction) => waterfall::write(&mut sheet, transaction),
            EnvelopeItem::Event(event) => error::write(&mut sheet, event),
            EnvelopeItem::MonitorCheckIn(check_in) => line::check_in(&mut sheet, check_in),
            EnvelopeItem::ItemContainer(ItemContainer::Logs(logs)) => line::logs(&mut sheet, logs),
            EnvelopeItem::ItemContainer(ItemContainer::Metrics(metrics)) => line::metrics(&mut sheet, metrics),
            EnvelopeItem::Attachment(attachment) => line::attachment(&mut sheet, attachment),
            // Sessions and reports of losses are the server's business.
            _ => {}
        }
    }
    sheet.into_text()
}
