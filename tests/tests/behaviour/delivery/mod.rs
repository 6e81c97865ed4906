//! Delivery over real HTTP: what arrives, what is lost, and what is said of it.

mod answers;
mod hooks;
mod leaks;
mod spool;
mod wire;

use std::time::Duration;

use sentry_core::protocol::{Context, Event, Span, TraceContext, Transaction, Value};
use sentry_core::{ClientOptions, Envelope, Hub};
use serde_json::json;
use watchpost::Guard;
use watchpost::delivery::{Delivery, Settings};
use watchpost_tests::server::Server;

/// Long enough for anything that should succeed.
const LONG: Duration = Duration::from_secs(30);

fn options(dsn: &str) -> ClientOptions {
    ClientOptions::new().dsn(dsn).release("shop@1.2.3").environment("staging")
}

/// A client of this server on this thread's hub.
fn client(server: &Server, settings: Settings) -> Guard {
    Guard::bind(options(&server.dsn()), Delivery::new(settings))
}

fn capture(message: &str) {
    sentry_core::capture_event(Event { message: Some(message.to_owned()), ..Event::default() });
}

fn send(item: impl Into<Envelope>) {
    Hub::current().client().expect("a client").send_envelope(item.into());
}

/// A transaction with one span, with this data on both.
fn transaction(name: &str, data: Value) -> Transaction<'static> {
    let data: sentry_core::protocol::Map<String, Value> = serde_json::from_value(data).expect("an object");
    let trace = TraceContext { data: data.clone(), op: Some("queue.process".into()), ..TraceContext::default() };
    let (trace_id, parent_span_id) = (trace.trace_id, Some(trace.span_id));
    let span = Span { data, description: Some("child".into()), trace_id, parent_span_id, ..Span::default() };
    let mut transaction = Transaction { name: Some(name.to_owned()), spans: vec![span], ..Transaction::default() };
    transaction.contexts.insert("trace".into(), Context::from(trace));
    transaction
}

fn nothing() -> Value {
    json!({})
}
