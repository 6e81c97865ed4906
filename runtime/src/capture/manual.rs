//! Errors and messages that the program reports itself.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;
use std::sync::Arc;

use sentry_core::protocol::Event;
use sentry_core::types::Uuid;
use sentry_core::{Hub, Level};

use super::classify::Policy;
use super::face::DynError;
use super::gather::Gathered;
use super::here::{self, isolated};
use super::observe::find;
use super::once::{Extent, Mark, Marks, OpenCalls, Seen};
use super::report::Report;
use super::reporter::{Parcel, hand_over};
use super::told::{Shown, Told};
use super::values::Values;
use crate::ToValue;
use crate::context::IntoContext;

/// Reports an error that is handled here and still should be known.
///
/// The event has what the annotated functions around say of it, as theirs do: the stack, fields, tags, contexts, the trace.
/// An error is reported once: if an annotated function called from here has captured it, or this has been said before
/// within the call, nothing more is sent and the earlier event's id is told. An annotated function that goes on to
/// return the error does not report it again.
///
/// Takes errors, boxed ones, and with the features of that name `anyhow::Error` and `eyre::Report`.
///
/// ```
/// # fn refund() -> Result<(), std::fmt::Error> { Err(std::fmt::Error) }
/// if let Err(err) = refund() {
///     watchpost::capture_error(&err).category("payment").tag("provider", "stripe").send();
/// }
/// ```
pub fn capture_error<E: Reportable<By> + ?Sized, By>(err: &E) -> ErrorReport<'_> {
    let told = err.told();
    ErrorReport {
        told,
        category: None,
        level: None,
        fingerprint: None,
        values: Values::default(),
        policy: Policy::default(),
        returned: false,
    }
}

/// What [`capture_error`] takes. `By` only tells the implementations apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be reported as an error",
    label = "neither an error nor a box of one",
    note = "implement `std::error::Error` for it, or use `watchpost::capture_message`; `anyhow::Error` and `eyre::Report` need the features of that name"
)]
pub trait Reportable<By> {
    #[doc(hidden)]
    fn told(&self) -> Told<'_>;
}

#[doc(hidden)]
#[derive(Debug)]
pub enum ByError {}
#[doc(hidden)]
#[derive(Debug)]
pub enum ByDyn {}
#[doc(hidden)]
#[derive(Debug)]
pub enum ByBox {}

impl<E: Error> Reportable<ByError> for E {
    fn told(&self) -> Told<'_> {
        Told::new(std::any::type_name::<E>(), size_of::<E>(), Shown::Error(self))
    }
}

macro_rules! reportable {
    ($($t:ty, $boxed:ty);*) => { $(
        impl Reportable<ByDyn> for $t {
            fn told(&self) -> Told<'_> {
                Told::new(std::any::type_name::<$t>(), 0, Shown::Erased(self.as_dyn()))
            }
        }
        impl Reportable<ByBox> for $boxed {
            fn told(&self) -> Told<'_> {
                Told::new(std::any::type_name::<$boxed>(), size_of::<Self>(), Shown::Erased((**self).as_dyn()))
            }
        }
    )* };
}
reportable!(
    dyn Error + '_, Box<dyn Error + '_>;
    dyn Error + Send + '_, Box<dyn Error + Send + '_>;
    dyn Error + Send + Sync + '_, Box<dyn Error + Send + Sync + '_>
);

#[cfg(feature = "anyhow")]
impl Reportable<anyhow::Error> for anyhow::Error {
    fn told(&self) -> Told<'_> {
        super::face::Known::<anyhow::Error>::faces().watchpost_face()(self)
    }
}
#[cfg(feature = "eyre")]
impl Reportable<eyre::Report> for eyre::Report {
    fn told(&self) -> Told<'_> {
        super::face::Known::<eyre::Report>::faces().watchpost_face()(self)
    }
}

/// An error about to be reported: see [`capture_error`].
#[derive(Debug)]
#[must_use = "nothing is reported without `.send()`"]
pub struct ErrorReport<'a> {
    told: Told<'a>,
    category: Option<Cow<'static, str>>,
    level: Option<Level>,
    fingerprint: Option<Vec<String>>,
    values: Values,
    returned: bool,
    policy: Policy,
}

impl ErrorReport<'_> {
    /// What the error's type says of itself, by [`Classify`](crate::Classify): category, level, fingerprint, whether it is to be
    /// reported at all. What is said here beside it stands before it.
    ///
    /// ```
    /// use watchpost::{Classify, Policy};
    ///
    /// # #[derive(Debug)] struct Refused;
    /// # impl std::fmt::Display for Refused {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("refused") }
    /// # }
    /// # impl std::error::Error for Refused {}
    /// impl Classify for Refused {
    ///     fn classify(&self) -> Policy {
    ///         Policy::new().with_category("payment").with_ignore()
    ///     }
    /// }
    /// let sent = watchpost::capture_error(&Refused).policy(Refused.classify()).send();
    /// assert_eq!(sent, None);
    /// ```
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The error category: the tag `error.category`, and the name of the context that fields go to.
    pub fn category(mut self, category: impl Into<Cow<'static, str>>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// A context: a reference to a [`SentryContext`](crate::SentryContext), or a name with its fields.
    pub fn context(mut self, context: impl IntoContext) -> Self {
        if is_wanted() {
            let (name, fields) = context.into_context();
            self.values.contexts.push((name.into_owned(), fields));
        }
        self
    }

    /// A tag: a key of at most 200 of `[a-zA-Z0-9_.:-]`, a value of one line of at most 200 characters.
    pub fn tag(mut self, key: impl Into<Cow<'static, str>>, value: impl Display) -> Self {
        if is_wanted() {
            self.values.tags.push((key.into(), crate::context::text(format_args!("{value}"))));
        }
        self
    }

    /// A field of the category's context (`payment_error`).
    pub fn field(mut self, key: impl Into<Cow<'static, str>>, value: impl ToValue) -> Self {
        if is_wanted() {
            self.values.fields.push((key.into(), value.to_value()));
        }
        self
    }

    /// The level, in the place of `error`.
    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// The fingerprint, by which events are grouped. `{{ default }}` in it stands for Sentry's own grouping.
    pub fn fingerprint<P: Into<String>>(mut self, parts: impl IntoIterator<Item = P>) -> Self {
        self.fingerprint = Some(parts.into_iter().map(Into::into).collect());
        self
    }

    /// The code that reports the error goes on to return it, as an annotated function does. So the report is one that a task with
    /// attempts left holds back, and an error that a caller makes of this one without naming it as its source counts as reported too.
    /// For wrappers around somebody else's code: a client of a database.
    ///
    /// ```
    /// fn charge() -> Result<(), std::io::Error> {
    ///     gateway().inspect_err(|err| {
    ///         watchpost::capture_error(err).category("payment").returned().send();
    ///     })
    /// }
    /// # fn gateway() -> Result<(), std::io::Error> { Ok(()) }
    /// # charge().unwrap();
    /// ```
    pub fn returned(mut self) -> Self {
        self.returned = true;
        self
    }

    /// Sends the event. Tells its id, or that of the event which this error has had before; nothing, if none is sent:
    /// without a client, by a rule, the storm guard or a sampling rate.
    pub fn send(self) -> Option<Uuid> {
        here::with_calls(|calls| {
            let heard = self.told.heard();
            let seen = isolated(|| Seen::of(&heard))?;
            if let Some(mark) = known(calls, &seen).filter(|mark| mark.captured) {
                return mark.event;
            }
            if self.policy.ignore || self.policy.expected {
                return None;
            }
            let mut report = Report::of(&heard, &self.policy);
            report.category = self.category.or(report.category);
            report.level = self.level.or(report.level);
            report.fingerprint = self.fingerprint.or(report.fingerprint);
            report.values = self.values;
            // Whoever says it by hand wants it, whatever a task makes of its attempt.
            report.at_once = !self.returned;
            let sent = report.send(calls);
            let mut mark = Some(Mark { seen, event: sent.event, captured: sent.captured, since: None });
            if is_inside(calls) {
                calls.marks(0, &mut |marks| {
                    if let Some(mark) = mark.take() {
                        if self.returned { marks.inner_call_left(mark) } else { marks.note(mark) }
                    }
                });
            }
            sent.event
        })
    }
}

/// Whether this error has been dealt with (captured, or let go on purpose) by what was called from here: by annotated
/// functions, tasks or [`capture_error`]. For integrations that would report it, or log it as an event of its own.
pub fn already_reported(err: &(dyn Error + '_)) -> bool {
    here::with_calls(|calls| isolated(|| Seen::of_dyn(err)).is_some_and(|seen| known(calls, &seen).is_some()))
}

/// Whether some error was captured inside the innermost annotated call or span, in which the code is that asks, or whether what was
/// called last ended with one that is not to be reported. For integrations that see only that something has failed (an answer
/// of status 500), and would report it where nobody knows more.
pub fn reported_inside() -> bool {
    here::with_calls(|calls| {
        let mut reported = false;
        calls.each(&mut |call| {
            reported = call.marks.is_some_and(Marks::is_dealt_with);
            false
        });
        reported
    })
}

/// What became of the error inside of the innermost annotated call, in which the code is that asks.
fn known(calls: &dyn OpenCalls, seen: &Seen) -> Option<Mark> {
    (0..reach(calls)).find_map(|depth| find(calls, depth, seen))
}

/// How many of the open calls know what the innermost annotated one knows.
pub(super) fn reach(calls: &dyn OpenCalls) -> usize {
    let mut open = 0;
    calls.each(&mut |call| {
        open += 1;
        // A span that is built by hand handles nothing: what it knows and what is around it are one.
        matches!(call.extent, Extent::Span)
    });
    open
}

/// Whether some call is open, annotated or not.
pub(super) fn is_inside(calls: &dyn OpenCalls) -> bool {
    let mut inside = false;
    calls.each(&mut |call| {
        inside = !matches!(call.extent, Extent::Thread);
        false
    });
    inside
}

fn is_wanted() -> bool {
    Hub::with_active(|_| true)
}

/// Reports a message, with what the annotated functions around say: fields, tags, contexts, the trace.
///
/// Tells the event's id; nothing, if none is sent.
///
/// ```
/// watchpost::capture_message("the price list is older than a week", watchpost::Level::Warning);
/// ```
pub fn capture_message(text: &str, level: Level) -> Option<Uuid> {
    message(text, level, None)
}

pub(super) fn message(text: &str, level: Level, logger: Option<&str>) -> Option<Uuid> {
    let hub = Hub::current();
    let client: Arc<_> = hub.client().filter(|client| client.is_enabled())?;
    here::with_calls(|calls| {
        let mut gathered = Gathered::from(calls, Values::default(), false);
        gathered.file_under(None, "message");
        let (logger, message) = (logger.map(str::to_owned), Some(crate::context::text(format_args!("{text}"))));
        let event = Event { level, logger, message, ..Event::default() };
        let parcel = Parcel { event, said: gathered.into_said(None), at_once: true };
        isolated(|| hand_over(&hub, &client, parcel, calls)).flatten()
    })
}
