//! Messages to people: e-mail, text messages, pushes; what became of each.
//!
//! Sentry's conventions know no operation for them, so it is one of our own: `notification.send`, with the provider's
//! `http.client` span below it where there is one. Addresses, subjects and texts are never recorded.
//!
//! | attribute | what |
//! |---|---|
//! | `notification.channel`, `notification.provider` | `sms`, `twilio` |
//! | `notification.outcome` | `sent`, `refused`, `bounced`; `cancelled` and `panicked` where it came to none |
//! | `notification.bounce` | of `bounced`: `permanent` or `transient` |
//! | `notification.recipients`, `notification.recipient_domains` | how many, and where they are; at most ten domains |
//! | `notification.template`, `notification.size` | which message, and how many bytes |
//!
//! With the feature `metrics`, and whether the trace is sampled or not: a count for each outcome (`notification.sent`,
//! `notification.refused`, `notification.bounced`, `notification.cancelled`, `notification.panicked`) and a distribution
//! `notification.duration` in milliseconds, both with the attributes `channel` and `provider`.

use std::borrow::Cow;
use std::future::Future;
use std::time::Instant;

use sentry_core::Hub;
use sentry_core::protocol::Value;

use crate::{Breadcrumb, Level, SpanBuilder, SpanStatus, ToValue, add_breadcrumb, current_span, span};

/// The operation of a delivery's span.
const OP: &str = "notification.send";

/// How many domains of recipients are told.
const DOMAINS: usize = 10;

/// The delivery of one message: what became of it, and how long that took.
///
/// `channel` says how it goes (`sms`, `push`, `email`), `provider` by whom. For e-mail by `lettre` there is
/// `watchpost::lettre::MonitoredTransport`, which does this by itself.
///
/// ```
/// # #[derive(Debug)] struct Refused;
/// # async fn post(_: &str) -> Result<(), Refused> { Ok(()) }
/// use watchpost::delivery;
///
/// async fn remind(phone: &str) -> Result<(), Refused> {
///     delivery("sms", "twilio").template("reminder").instrument(post(phone)).await
/// }
/// ```
///
/// The span is a child of what is open; nothing is recorded where nothing is. An `Err` makes it `refused`, with the status
/// `internal_error`; [`instrument_as`](Delivery::instrument_as) and [`run_as`](Delivery::run_as) tell more. It is not reported: that is for who
/// gets it, with `#[capture_errors(category = "notification")]`.
pub fn delivery(channel: impl Into<Cow<'static, str>>, provider: impl Into<Cow<'static, str>>) -> Delivery {
    Delivery {
        channel: channel.into(),
        provider: provider.into(),
        origin: "manual",
        domains: Vec::new(),
        fields: Vec::new(),
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The provider took it.
    Sent,
    /// It was not handed over: the provider could not be reached, or wanted nothing of it.
    Refused,
    /// The provider, or who it asked, would not deliver it.
    Bounced(Bounce),
}

/// For how long a message is not deliverable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bounce {
    /// For ever: there is no such mailbox.
    Permanent,
    /// For now: the mailbox is full, the server is busy.
    Transient,
}

impl Outcome {
    /// As it is recorded: `sent`, `refused`, `bounced`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Bounced(_) => "bounced",
        }
    }

    fn of<T, E>(result: &Result<T, E>) -> Self {
        if result.is_ok() { Self::Sent } else { Self::Refused }
    }

    fn status(self) -> Option<SpanStatus> {
        match self {
            Self::Sent => Some(SpanStatus::Ok),
            // As whoever knows the provider has set it meanwhile.
            Self::Refused => None,
            Self::Bounced(Bounce::Permanent) => Some(SpanStatus::FailedPrecondition),
            Self::Bounced(Bounce::Transient) => Some(SpanStatus::Unavailable),
        }
    }
}

impl Bounce {
    /// As it is recorded: `permanent`, `transient`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Transient => "transient",
        }
    }
}

/// A delivery about to begin: see [`delivery`](fn@delivery).
#[derive(Debug)]
#[must_use = "a delivery begins with `run` or `instrument`"]
pub struct Delivery {
    channel: Cow<'static, str>,
    provider: Cow<'static, str>,
    origin: &'static str,
    domains: Vec<String>,
    fields: Vec<(Cow<'static, str>, Value)>,
}

impl Delivery {
    /// How many people it goes to.
    pub fn recipients(self, count: usize) -> Self {
        self.field("notification.recipients", count)
    }

    /// Where a recipient's mailbox is. Of an address only what is behind its last `@` is taken; what is no domain, a phone number
    /// say, is not taken at all. Each domain is told once.
    pub fn recipient_domain(mut self, domain: &str) -> Self {
        let domain = domain.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        let is_domain = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
            && domain.bytes().any(|byte| byte.is_ascii_alphabetic());
        if is_domain && self.domains.len() < DOMAINS && !self.domains.contains(&domain) {
            self.domains.push(domain);
        }
        self
    }

    /// Which message it is: `reminder`, `welcome`.
    pub fn template(self, name: impl ToValue) -> Self {
        self.field("notification.template", name)
    }

    /// How large the message is, in bytes.
    pub fn size(self, bytes: usize) -> Self {
        self.field("notification.size", bytes)
    }

    /// Who makes the span, by Sentry's convention (`auto.notification.lettre`); `manual` where nothing is said.
    pub fn origin(mut self, origin: &'static str) -> Self {
        self.origin = origin;
        self
    }

    /// A field of the span.
    pub fn field(mut self, key: impl Into<Cow<'static, str>>, value: impl ToValue) -> Self {
        self.fields.push((key.into(), value.to_value()));
        self
    }

    /// Delivers: `Ok` is sent, `Err` is refused.
    ///
    /// ```
    /// # fn post() -> Result<u32, std::num::ParseIntError> { "17".parse() }
    /// let id = watchpost::delivery("push", "apns").run(post)?;
    /// # assert_eq!(id, 17);
    /// # Ok::<_, std::num::ParseIntError>(())
    /// ```
    ///
    /// # Errors
    /// The delivery's own.
    pub fn run<T, E>(self, f: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.run_as(f, Outcome::of)
    }

    /// As [`run`](Self::run); `outcome` says what the result means. It may set the status of a refusal on
    /// [`current_span`], which is `internal_error` otherwise.
    pub fn run_as<R>(self, f: impl FnOnce() -> R, outcome: impl FnOnce(&R) -> Outcome) -> R {
        if !is_listened_to() {
            return f();
        }
        let (span, pending) = self.begin();
        span.run(|| {
            let result = f();
            pending.end(|| outcome(&result));
            result
        })
    }

    /// Delivers: `Ok` is sent, `Err` is refused, and a future dropped before its end is cancelled.
    ///
    /// # Errors
    /// The delivery's own.
    pub async fn instrument<T, E>(self, future: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        self.instrument_as(future, Outcome::of).await
    }

    /// As [`instrument`](Self::instrument); `outcome` says what the result means.
    ///
    /// ```
    /// use watchpost::notification::{Bounce, Outcome};
    ///
    /// # async fn post() -> u16 { 202 }
    /// # async fn send() -> u16 {
    /// watchpost::delivery("sms", "twilio")
    ///     .instrument_as(post(), |status| match status {
    ///         200..300 => Outcome::Sent,
    ///         410 => Outcome::Bounced(Bounce::Permanent),
    ///         _ => Outcome::Refused,
    ///     })
    ///     .await
    /// # }
    /// ```
    pub async fn instrument_as<F: Future>(self, future: F, outcome: impl FnOnce(&F::Output) -> Outcome) -> F::Output {
        if !is_listened_to() {
            return future.await;
        }
        let (span, pending) = self.begin();
        span.instrument(async {
            let result = future.await;
            pending.end(|| outcome(&result));
            result
        })
        .await
    }

    fn begin(self) -> (SpanBuilder, Pending) {
        let Self { channel, provider, origin, domains, fields } = self;
        let mut span = span(OP, format!("{channel} {provider}"))
            .only_as_child()
            .origin(origin)
            .field("notification.channel", &channel)
            .field("notification.provider", &provider)
            .field("notification.recipient_domains", (!domains.is_empty()).then_some(domains));
        for (key, value) in fields {
            span = span.field(key, value);
        }
        (span, Pending { channel, provider, begun: Instant::now(), ended: false })
    }
}

fn is_listened_to() -> bool {
    Hub::with_active(|_| true)
}

/// A delivery under way: one that comes to no end is told of as well.
struct Pending {
    channel: Cow<'static, str>,
    provider: Cow<'static, str>,
    begun: Instant,
    ended: bool,
}

impl Pending {
    fn end(mut self, outcome: impl FnOnce() -> Outcome) {
        let span = current_span();
        span.set_status(SpanStatus::InternalError);
        let outcome = outcome();
        self.ended = true;
        let bounce = match outcome {
            Outcome::Bounced(bounce) => Some(bounce.name()),
            _ => None,
        };
        self.tell(outcome.name(), bounce);
        if let Some(status) = outcome.status() {
            span.set_status(status);
        }
        if outcome == Outcome::Sent {
            return;
        }
        add_breadcrumb(|| {
            let mut crumb = Breadcrumb {
                category: Some("notification".into()),
                message: Some(format!("{} by {} {}", self.channel, self.provider, outcome.name())),
                level: Level::Warning,
                ..Breadcrumb::default()
            };
            crumb.data.insert("duration_ms".into(), self.begun.elapsed().to_value());
            crumb.data.extend(bounce.map(|bounce| ("bounce".to_owned(), bounce.into())));
            crumb
        });
    }

    fn tell(&self, outcome: &'static str, bounce: Option<&'static str>) {
        let span = current_span();
        span.set_field("notification.outcome", outcome);
        span.set_field("notification.bounce", bounce);
        #[cfg(feature = "metrics")]
        {
            let (channel, provider) = (&self.channel, &self.provider);
            crate::metrics::count(format!("notification.{outcome}"), 1)
                .attribute("channel", channel)
                .attribute("provider", provider);
            crate::metrics::distribution("notification.duration", crate::context::millis(self.begun.elapsed()))
                .unit("millisecond")
                .attribute("channel", channel)
                .attribute("provider", provider)
                .attribute("outcome", outcome);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.ended {
            self.tell(if std::thread::panicking() { "panicked" } else { "cancelled" }, None);
        }
    }
}
