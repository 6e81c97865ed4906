//! The way to the server, on which every answer is kept.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use sentry_core::types::Dsn;
use sentry_core::{Envelope, Transport};
use serde::Serialize;
use serde_json::Value;
use watchpost::Config;

use crate::receiver::{Envelope as Split, Item};
use crate::server::Server;

/// How long one exchange may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// One envelope, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    /// The types of its items.
    pub items: Vec<String>,
    /// Its event's id, if it has one.
    pub id: Option<String>,
    /// The server's status.
    pub status: Option<u16>,
    /// The id that the server answered with.
    pub answered_id: Option<String>,
    /// The rate limits that the server named.
    pub rate_limits: Option<String>,
    /// Why there is no status.
    pub error: Option<String>,
}

impl Sent {
    /// What is wrong with the answer.
    pub(super) fn problem(&self) -> Option<String> {
        let items = self.items.join(", ");
        match (self.status, &self.error) {
            (_, Some(error)) => Some(format!("{items}: {error}")),
            (Some(200..=299), None) => match (&self.id, &self.answered_id) {
                (Some(id), Some(answered)) if id != answered => {
                    Some(format!("{items}: sent as {id}, answered as {answered}"))
                }
                _ => None,
            },
            (Some(429), None) => {
                let limits = self.rate_limits.as_deref().unwrap_or("a minute, as nothing else is said");
                Some(format!("{items}: refused with 429, rate limited: {limits}"))
            }
            (Some(status @ (401 | 403)), None) => Some(format!("{items}: refused with {status}, the key is not known")),
            (Some(status), None) => Some(format!("{items}: refused with {status}")),
            (None, None) => None,
        }
    }
}

/// Takes envelopes to the server, one after the other.
#[derive(Debug)]
pub(super) struct Courier {
    server: Server,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    sent: Vec<Sent>,
    items: Vec<Item>,
    /// The server cannot be reached: every further try would take as long.
    is_given_up: bool,
}

impl Courier {
    pub(super) fn to(dsn: &Dsn, config: &Config) -> Result<Self, ureq::Error> {
        let proxy = Server::proxy(dsn, Some(config))?;
        Ok(Self { server: Server::of(dsn, proxy, PATIENCE), log: Mutex::default() })
    }

    /// Whether it has not reached the server.
    pub(super) fn is_given_up(&self) -> bool {
        self.log().is_given_up
    }

    /// What was sent since the last time, and the items that were in it.
    pub(super) fn take(&self) -> (Vec<Sent>, Vec<Item>) {
        let mut log = self.log();
        (std::mem::take(&mut log.sent), std::mem::take(&mut log.items))
    }

    // A panic under the lock leaves whole values behind.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Courier {
    fn send_envelope(&self, envelope: Envelope) {
        let mut bytes = Vec::new();
        if envelope.to_writer(&mut bytes).is_err() || self.is_given_up() {
            return;
        }
        let split = Split::split(&bytes).unwrap_or_default();
        let items: Vec<_> = Item::all(split, 0, SystemTime::now()).collect();
        if items.iter().all(|item| item.kind == "client_report") {
            return;
        }
        let id = |value: Option<&Value>| value.and_then(Value::as_str).map(|id| id.replace('-', ""));
        let mut sent = Sent {
            items: items.iter().map(|item| item.kind.clone()).collect(),
            id: items.first().and_then(|item| id(item.envelope.get("event_id"))),
            status: None,
            answered_id: None,
            rate_limits: None,
            error: None,
        };
        let answer = self.server.post(&bytes);
        let mut log = self.log();
        match answer {
            Ok(answer) => {
                sent.status = Some(answer.status);
                sent.rate_limits = answer.limits().map(str::to_owned);
                let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
                sent.answered_id = id(body.get("id")).filter(|id| !id.is_empty());
            }
            Err(error) => {
                sent.error = Some(match error {
                    ureq::Error::Timeout(_) => format!("no answer within {} s", PATIENCE.as_secs()),
                    error => error.to_string(),
                });
                log.is_given_up = true;
            }
        }
        log.sent.push(sent);
        log.items.extend(items);
    }
}
