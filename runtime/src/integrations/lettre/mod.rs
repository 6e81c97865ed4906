//! E-mail by lettre: sent, bounced or refused, and how long that took.
//!
//! [`MonitoredTransport`] stands around any transport of lettre, asynchronous or not, and is a transport itself.
//!
//! ```no_run
//! use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
//! use watchpost::lettre::MonitoredTransport;
//!
//! # async fn f(envelope: lettre::address::Envelope) -> Result<(), lettre::transport::smtp::Error> {
//! let smtp = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("mail.example.com").build();
//! let mail = MonitoredTransport::new(smtp).provider("postmark");
//! // Below an open span: `notification.send`, described as `email postmark`.
//! mail.send_raw(&envelope, b"Subject: Your appointment\r\n\r\nSee you on Monday.").await?;
//! # Ok(()) }
//! ```
//!
//! The span, its attributes and metrics are those of every [`notification`](crate::notification), with channel `email`. Of
//! recipients their number and their domains are told; addresses, subject, headers and text are not looked at.
//!
//! | what came back | outcome | status |
//! |---|---|---|
//! | the server took it | `sent` | `ok` |
//! | SMTP 5xx | `bounced`, `permanent` | `failed_precondition` |
//! | SMTP 4xx | `bounced`, `transient` | `unavailable` |
//! | no answer in time | `refused` | `deadline_exceeded` |
//! | no connection, no TLS | `refused` | `unavailable` |
//! | anything else, errors of other transports | `refused` | `internal_error` |
//! | the future was dropped | `cancelled` | `cancelled` |
//!
//! The code of the answer is `notification.response_code`. What a server says only later, in a mail to the sender, is not seen.
//!
//! Errors are not reported here: who gets them does, with `#[capture_errors(category = "notification")]`. A server likes to repeat
//! the address in its answer; as part of an error's text it is redacted when that leaves.

use std::borrow::Cow;
use std::error::Error;
use std::io::ErrorKind;

use async_trait::async_trait;
use lettre::address::Envelope;
use lettre::transport::smtp;
use lettre::{AsyncTransport, Transport};

use crate::notification::{Bounce, Delivery, Outcome, delivery};
use crate::{SpanStatus, current_span};

/// Who makes the spans.
const ORIGIN: &str = "auto.notification.lettre";

/// A transport whose deliveries are watched; see the [module](self).
#[derive(Debug, Clone)]
pub struct MonitoredTransport<T> {
    transport: T,
    provider: Cow<'static, str>,
}

impl<T> MonitoredTransport<T> {
    /// Watches the deliveries of this transport, of the provider `smtp`.
    pub fn new(transport: T) -> Self {
        Self { transport, provider: Cow::Borrowed("smtp") }
    }

    /// Who carries the mail: `postmark`, `sendmail`.
    #[must_use]
    pub fn provider(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.provider = name.into();
        self
    }

    /// The transport, for what is not to be watched.
    pub fn get_ref(&self) -> &T {
        &self.transport
    }

    /// The transport alone.
    pub fn into_inner(self) -> T {
        self.transport
    }

    fn delivery(&self, envelope: &Envelope, email: &[u8]) -> Delivery {
        let delivery =
            delivery("email", self.provider.clone()).origin(ORIGIN).recipients(envelope.to().len()).size(email.len());
        envelope.to().iter().fold(delivery, |delivery, recipient| delivery.recipient_domain(recipient.domain()))
    }
}

#[async_trait]
impl<T> AsyncTransport for MonitoredTransport<T>
where
    T: AsyncTransport + Sync,
    T::Ok: Send,
    T::Error: Error + Send + 'static,
{
    type Ok = T::Ok;
    type Error = T::Error;

    async fn send_raw(&self, envelope: &Envelope, email: &[u8]) -> Result<T::Ok, T::Error> {
        self.delivery(envelope, email).instrument_as(self.transport.send_raw(envelope, email), outcome).await
    }

    async fn shutdown(&self) {
        self.transport.shutdown().await;
    }
}

impl<T> Transport for MonitoredTransport<T>
where
    T: Transport,
    T::Error: Error + 'static,
{
    type Ok = T::Ok;
    type Error = T::Error;

    fn send_raw(&self, envelope: &Envelope, email: &[u8]) -> Result<T::Ok, T::Error> {
        self.delivery(envelope, email).run_as(|| self.transport.send_raw(envelope, email), outcome)
    }

    fn shutdown(&self) {
        self.transport.shutdown();
    }
}

/// What became of the mail; the rest is said on its span.
fn outcome<T, E: Error + 'static>(result: &Result<T, E>) -> Outcome {
    let Err(error) = result else { return Outcome::Sent };
    let error: &(dyn Error + 'static) = error;
    let Some(error) = error.downcast_ref::<smtp::Error>() else { return Outcome::Refused };
    let span = current_span();
    if let Some(code) = error.status() {
        span.set_field("notification.response_code", code.to_string());
    }
    if error.is_permanent() {
        return Outcome::Bounced(Bounce::Permanent);
    }
    if error.is_transient() {
        return Outcome::Bounced(Bounce::Transient);
    }
    if is_timeout(error) {
        span.set_status(SpanStatus::DeadlineExceeded);
    } else if !error.is_client() && !error.is_response() && !error.is_transport_shutdown() {
        span.set_status(SpanStatus::Unavailable);
    }
    Outcome::Refused
}

/// Also of a blocking socket, which has its own word for it.
fn is_timeout(error: &smtp::Error) -> bool {
    let sources = std::iter::successors(error.source(), |&error| error.source());
    let mut kinds = sources.filter_map(|error| error.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    kinds.any(|kind| matches!(kind, ErrorKind::TimedOut | ErrorKind::WouldBlock))
}
