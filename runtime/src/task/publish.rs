//! The producer's side of a queue.

use std::borrow::Cow;
use std::future::Future;

use super::TraceHeaders;
use crate::span::{self, SpanBuilder};

/// The operation of a message put into a queue, by Sentry's
/// [queue conventions](https://develop.sentry.dev/sdk/telemetry/traces/modules/queues/).
const PUBLISH: &str = "queue.publish";

/// Puts a message into a queue: a span around `f`, which gets the headers that the message must carry so that its consumer
/// continues the trace.
///
/// What becomes known on the way is said with [`current_span`](crate::current_span): `messaging.message.id`,
/// `messaging.system`, `messaging.message.body.size`. Without a client the headers are empty.
///
/// ```
/// let mut queue = Vec::new();
/// watchpost::publish("notifications", |trace| {
///     queue.push((trace, "your appointment is confirmed"));
/// });
/// # assert_eq!(queue.len(), 1);
/// ```
pub fn publish<R>(queue: impl Into<Cow<'static, str>>, f: impl FnOnce(TraceHeaders) -> R) -> R {
    builder(queue.into()).run(|| f(TraceHeaders::of_message()))
}

/// The same with a future: it gets the headers when it is first polled.
///
/// ```
/// # async fn push(trace: watchpost::TraceHeaders) -> Result<(), ()> { Ok(()) }
/// # async fn example() -> Result<(), ()> {
/// watchpost::publish_async("notifications", |trace| async move { push(trace).await }).await
/// # }
/// ```
pub fn publish_async<F: Future>(
    queue: impl Into<Cow<'static, str>>,
    f: impl FnOnce(TraceHeaders) -> F,
) -> impl Future<Output = F::Output> {
    builder(queue.into()).instrument(async move { f(TraceHeaders::of_message()).await })
}

fn builder(queue: Cow<'static, str>) -> SpanBuilder {
    span::span(PUBLISH, queue.clone()).field("messaging.destination.name", queue)
}
