//! Logs, metrics, check-ins, sessions, attachments.

use std::borrow::Cow;

use sentry_core::protocol::{
    Attachment, Log, LogAttribute, Metric, MonitorCheckIn, MonitorSchedule, SessionAggregates, SessionAttributes,
    SessionUpdate, Value,
};

use super::{DEEPEST, Redactor, Walk};
use crate::redact::cover::REDACTED;

/// Longer attachments of text, in bytes, are replaced.
const LONGEST_ATTACHMENT: usize = 32 << 20;

impl Redactor {
    /// A log, in place. Returns the number of values redacted.
    pub fn log(&self, log: &mut Log) -> u64 {
        self.walk(|walk| {
            walk.text(&mut log.body);
            for (key, value) in &mut log.attributes {
                walk.attribute(key, value);
            }
            walk.rename_keys(&mut log.attributes);
        })
    }

    /// A metric, in place. Returns the number of values redacted.
    pub fn metric(&self, metric: &mut Metric) -> u64 {
        self.walk(|walk| {
            walk.cow(&mut metric.name);
            for (key, value) in &mut metric.attributes {
                walk.attribute(key, value);
            }
            let clean = |key: &Cow<'static, str>| match self.clean(key) {
                (Cow::Owned(clean), found) => Some((key.clone(), clean, found)),
                (Cow::Borrowed(_), _) => None,
            };
            for (old, new, found) in metric.attributes.keys().filter_map(clean).collect::<Vec<_>>() {
                walk.count += found;
                if let Some(value) = metric.attributes.remove(&old) {
                    metric.attributes.insert(Cow::Owned(new), value);
                }
            }
        })
    }

    /// A check-in, in place. Returns the number of values redacted.
    pub fn check_in(&self, check_in: &mut MonitorCheckIn) -> u64 {
        self.walk(|walk| {
            walk.text(&mut check_in.monitor_slug);
            walk.texts(&mut check_in.environment);
            if let Some(config) = &mut check_in.monitor_config {
                walk.texts(&mut config.timezone);
                if let MonitorSchedule::Crontab { value } = &mut config.schedule {
                    walk.text(value);
                }
            }
        })
    }

    /// A session, in place. Returns the number of values redacted.
    pub fn session(&self, session: &mut SessionUpdate<'static>) -> u64 {
        self.walk(|walk| {
            session.distinct_id.iter_mut().for_each(|id| walk.identity(id));
            walk.session_attributes(&mut session.attributes);
        })
    }

    /// Sessions counted together, in place. Returns the number of values redacted.
    pub fn session_aggregates(&self, sessions: &mut SessionAggregates<'static>) -> u64 {
        self.walk(|walk| {
            sessions
                .aggregates
                .iter_mut()
                .filter_map(|item| item.distinct_id.as_mut())
                .for_each(|id| walk.identity(id));
            walk.session_attributes(&mut sessions.attributes);
        })
    }

    /// An attachment, in place: texts (UTF-8, or what its type says is text) as any text; other content is kept, unless
    /// [`Redactor::redact_attachment`] named it. Texts beyond 32 MiB are replaced. Returns the number of values redacted.
    pub fn attachment(&self, attachment: &mut Attachment) -> u64 {
        self.walk(|walk| {
            if self.withholds(&attachment.filename) {
                attachment.buffer = REDACTED.into();
                walk.count += 1;
            } else {
                walk.content(&mut attachment.buffer, attachment.content_type.as_deref());
            }
            walk.text(&mut attachment.filename);
            walk.texts(&mut attachment.content_type);
        })
    }
}

impl Walk<'_> {
    fn attribute(&mut self, key: &str, LogAttribute(value): &mut LogAttribute) {
        match value {
            // The SDK puts these on logs, whatever `send_default_pii` says.
            Value::String(text) if matches!(key, "user.name" | "user.email") => {
                self.personal(text);
            }
            Value::String(text) if key == "user.id" => self.identity(text),
            _ => self.value(key, value, DEEPEST),
        }
    }

    fn session_attributes(&mut self, attributes: &mut SessionAttributes<'static>) {
        let SessionAttributes { release: _, environment, ip_address, user_agent } = attributes;
        environment.iter_mut().for_each(|environment| self.cow(environment));
        self.texts(user_agent);
        if !self.redactor.sends_pii() && ip_address.take().is_some() {
            self.count += 1;
        }
    }

    fn content(&mut self, buffer: &mut Vec<u8>, content_type: Option<&str>) {
        let says_text =
            content_type.is_some_and(|ty| ty.starts_with("text/") || ty.contains("json") || ty.contains("xml"));
        let text = match std::str::from_utf8(buffer) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) if says_text => String::from_utf8_lossy(buffer),
            Err(_) => return,
        };
        if text.len() > LONGEST_ATTACHMENT {
            *buffer = REDACTED.into();
            self.count += 1;
            return;
        }
        if let (Cow::Owned(clean), found) = self.redactor.clean_any(&text) {
            self.count += found;
            *buffer = clean.into_bytes();
        }
    }
}
