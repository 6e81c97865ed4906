//! Errors of which a program's log has but a text.

use std::borrow::Cow;
use std::sync::Arc;

use sentry_core::protocol::{Event, Value};
use sentry_core::types::Uuid;
use sentry_core::{Hub, Level};

use super::gather::Gathered;
use super::here::{self, isolated};
use super::manual::{is_inside, reach};
use super::once::{Mark, OpenCalls};
use super::reporter::{Parcel, hand_over};
use super::values::Values;
use crate::{Fields, ToValue};

/// The context that a logged line's fields go to.
const CONTEXT: &str = "log";

/// Reports a line of the program's log. For integrations of loggers: where a line has the error itself, [`capture_error`] reports that.
///
/// It is told once: where the line, or one of its fields, has the text of an error that was captured inside the same annotated call
/// (or by one that ended a moment ago), nothing more is sent. And an annotated function that goes on to return an error whose
/// text the line has does not report it again. Texts of fewer than eight letters are too short to tell.
///
/// ```
/// use watchpost::Level;
/// use watchpost::capture::capture_logged;
///
/// capture_logged("refund failed: gateway timed out", Level::Error).logger("shop::payment").field("order", 17).send();
/// ```
///
/// [`capture_error`]: crate::capture_error
pub fn capture_logged(text: impl Into<Cow<'static, str>>, level: Level) -> LoggedReport {
    LoggedReport { text: text.into(), level, logger: None, fields: Vec::new() }
}

/// A line of a log about to be reported: see [`capture_logged`].
#[derive(Debug)]
#[must_use = "nothing is reported without `.send()`"]
pub struct LoggedReport {
    text: Cow<'static, str>,
    level: Level,
    logger: Option<String>,
    fields: Vec<(Cow<'static, str>, Value)>,
}

impl LoggedReport {
    /// Who logs: a module's path.
    pub fn logger(mut self, name: impl Into<String>) -> Self {
        self.logger = Some(name.into());
        self
    }

    /// A field of the line: it goes to the event's context `log`.
    pub fn field(mut self, key: impl Into<Cow<'static, str>>, value: impl ToValue) -> Self {
        self.fields.push((key.into(), value.to_value()));
        self
    }

    /// Sends the event. Tells its id, or that of the event which the error has had before; nothing, if none is sent.
    pub fn send(self) -> Option<Uuid> {
        let hub = Hub::current();
        let client: Arc<_> = hub.client().filter(|client| client.is_enabled())?;
        here::with_calls(|calls| {
            if let Some(mark) = self.known(calls) {
                return mark.event;
            }
            let texts: Vec<String> = self.texts().map(str::to_owned).collect();
            let mut fields = Fields::default();
            for (key, value) in self.fields {
                fields.field(key, value);
            }
            let own = Values { contexts: vec![(CONTEXT.to_owned(), fields)], ..Values::default() };
            let mut gathered = Gathered::from(calls, own, false);
            gathered.file_under(None, "message");
            let message = Some(crate::context::text(format_args!("{}", self.text)));
            let event = Event { level: self.level, logger: self.logger, message, ..Event::default() };
            // As an error's event would be: a task that may try again holds it back.
            let parcel = Parcel { event, said: gathered.into_said(None), at_once: false };
            let sent = isolated(|| hand_over(&hub, &client, parcel, calls)).flatten();
            if is_inside(calls) {
                calls.marks(0, &mut |marks| {
                    for text in &texts {
                        marks.note_logged(text, sent);
                    }
                });
            }
            sent
        })
    }

    /// What became of the error that the line is about.
    fn known(&self, calls: &dyn OpenCalls) -> Option<Mark> {
        let texts: Vec<&str> = self.texts().collect();
        let (reach, mut depth, mut found) = (reach(calls), 0, None);
        calls.each(&mut |call| {
            found = call.marks.and_then(|marks| marks.find_quoted(&texts)).cloned();
            depth += 1;
            found.is_none() && depth < reach
        });
        found
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().filter_map(|(_, value)| value.as_str());
        std::iter::once(&*self.text).chain(fields)
    }
}
