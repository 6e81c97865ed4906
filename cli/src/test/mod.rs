//! Real items of each kind, sent to the configured server, or to a receiver in this process: whether each was taken, and
//! whether what left is what should.

mod courier;
mod expect;
mod link;
mod render;
mod trials;

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use sentry_core::types::{Dsn, random_uuid};
use sentry_core::{Client, Hub, Scope};
use serde::Serialize;
use watchpost::{Config, ConfigErrors, ErrorRule};

use self::courier::Courier;
pub use self::courier::Sent;
use self::link::Links;
use crate::Receiver;
use crate::receiver::Item;

/// How long the client may take to hand over what a trial has captured.
const HAND_OVER: Duration = Duration::from_secs(15);

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Trial {
    /// A message, and an error with its cause.
    Basic,
    /// A slow query's span without its literals, and a database error.
    Database,
    /// A payment error with its context.
    Payment,
    /// A booking that fails, with its context.
    Booking,
    /// A call of another service that fails.
    Integration,
    /// A transaction with spans, a measurement and a metric, and a slow operation.
    Performance,
    /// A task from a queue: a retry, then the last attempt.
    Tasks,
    /// The check-ins of a scheduled run.
    Cron,
    /// Secrets everywhere, none of which may leave.
    Redaction,
    /// The user of an event.
    User,
    /// Errors and transactions that must not be sent.
    Filter,
}

impl Trial {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Basic,
        Self::Database,
        Self::Payment,
        Self::Booking,
        Self::Integration,
        Self::Performance,
        Self::Tasks,
        Self::Cron,
        Self::Redaction,
        Self::User,
        Self::Filter,
    ];
}

/// How a trial ended.
#[derive(Debug, Clone, Serialize)]
pub struct Tried {
    /// What was tried.
    pub trial: Trial,
    /// What went to the server, and what it answered. Empty, where it was not asked any more.
    pub sent: Vec<Sent>,
    /// What was seen to be right.
    pub right: Vec<&'static str>,
    /// What is wrong, each in a sentence.
    pub problems: Vec<String>,
    /// The server was not reached before: it was not asked again.
    pub is_skipped: bool,
    /// What to look for in Sentry.
    pub look_for: &'static str,
}

/// Everything that was tried.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The server, without the key; `None`: the receiver in this process.
    pub server: Option<String>,
    /// The tag `watchpost.test` of every event and transaction.
    pub run: String,
    /// The trials, in their order.
    pub trials: Vec<Tried>,
    /// Where to look, if there is a server.
    pub links: Option<Links>,
}

/// Nothing can be tried.
#[derive(Debug)]
pub enum Untried {
    /// The configuration is wrong.
    Config(ConfigErrors),
    /// There is no port for the receiver.
    Receiver(io::Error),
    /// The proxy's address, which may hold a password, cannot be used.
    Proxy,
}

impl fmt::Display for Untried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(errors) => write!(f, "{errors}"),
            Self::Receiver(error) => write!(f, "the receiver cannot be started: {error}"),
            Self::Proxy => f.write_str("the address of the proxy in HTTPS_PROXY or HTTP_PROXY cannot be used"),
        }
    }
}

impl std::error::Error for Untried {}

impl Report {
    /// Tries each of `trials` with this configuration; every rate is 1 for it, and nothing is held back.
    /// `step` hears the name of each.
    ///
    /// # Errors
    /// The configuration is wrong, or the receiver cannot be started.
    pub fn of(config: Config, trials: &[Trial], step: &mut dyn FnMut(&str)) -> Result<Self, Untried> {
        let settings = config.settings();
        let receiver = match settings.dsn {
            Some(_) => None,
            None => Some(Receiver::start(0).map_err(Untried::Receiver)?),
        };
        let config = match &receiver {
            Some(receiver) => config.dsn(&receiver.dsn()),
            None => config,
        };
        config.check().map_err(Untried::Config)?;
        let settings = config.settings();
        let Some(dsn) = settings.dsn.clone() else {
            return Err(Untried::Receiver(io::ErrorKind::AddrNotAvailable.into()));
        };
        let courier = Arc::new(Courier::to(&dsn, &config).map_err(|_| Untried::Proxy)?);
        let transport = Arc::clone(&courier);
        let options = config
            .sample_rate(1.0)
            .traces_sample_rate(1.0)
            .storm_limit(0)
            .ignore_error(ErrorRule::of_type("test::trials::filter::Unwanted"))
            .ignore_transaction(trials::IGNORED)
            .transport(move |_: &sentry_core::ClientOptions| Arc::clone(&transport) as Arc<dyn sentry_core::Transport>)
            .client_options();
        let client = Arc::new(Client::with_options(options));
        let run = random_uuid().simple().to_string()[..8].to_owned();
        let mut bench = Bench { client, courier, receiver, run, pii: settings.send_default_pii, seen: 0 };
        // A loop, and not a chain of closures: their names are in the stack of everything that is captured.
        let mut tried = Vec::new();
        for trial in trials {
            tried.push(bench.tries(*trial, step));
        }
        let server = bench.receiver.is_none().then(|| without_key(&dsn));
        let links = bench.receiver.is_none().then(|| Links::of(&dsn, &bench.run));
        bench.client.close(Some(HAND_OVER));
        Ok(Self { server, run: bench.run, trials: tried, links })
    }

    /// How many trials have a problem.
    pub fn failed(&self) -> usize {
        self.trials.iter().filter(|tried| !tried.is_right()).count()
    }
}

impl Tried {
    /// Whether it was tried and nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.problems.is_empty() && !self.is_skipped
    }
}

fn without_key(dsn: &Dsn) -> String {
    format!("{}://{}:{}{}{}", dsn.scheme(), dsn.host(), dsn.port(), dsn.path(), dsn.project_id())
}

/// What the trials are made with.
struct Bench {
    client: Arc<Client>,
    courier: Arc<Courier>,
    receiver: Option<Receiver>,
    run: String,
    pii: bool,
    /// How many items the receiver had before.
    seen: usize,
}

impl Bench {
    fn tries(&mut self, trial: Trial, step: &mut dyn FnMut(&str)) -> Tried {
        let part = trials::part(trial, self.pii);
        let mut tried = Tried {
            trial,
            sent: Vec::new(),
            right: Vec::new(),
            problems: Vec::new(),
            is_skipped: self.courier.is_given_up(),
            look_for: part.look_for,
        };
        if tried.is_skipped {
            return tried;
        }
        step(&format!("{trial:?}").to_lowercase());
        let hub = Arc::new(Hub::new(Some(Arc::clone(&self.client)), Arc::new(Scope::default())));
        Hub::run(hub, || {
            watchpost::set_tag("watchpost.test", &self.run);
            (part.run)();
        });
        if !self.client.flush(Some(HAND_OVER)) {
            tried.problems.push(format!("not everything was handed over within {} s", HAND_OVER.as_secs()));
        }
        let (sent, left) = self.courier.take();
        tried.problems.extend(sent.iter().filter_map(Sent::problem));
        let items = match &self.receiver {
            // What came, not what was sent.
            Some(receiver) => {
                let items = receiver.items();
                let new = items[self.seen..].to_vec();
                self.seen = items.len();
                new
            }
            None => left,
        };
        tried.sent = sent;
        // Errors overtake what waits: the order of arrival is nobody's business.
        tried.sent.sort_by(|a, b| a.items.cmp(&b.items));
        let items: Vec<Item> = items.into_iter().filter(|item| item.kind != "client_report").collect();
        let is_tagged =
            |item: &Item| item.json().is_some_and(|json| json["tags"]["watchpost.test"] == self.run.as_str());
        let tagged = ["event", "transaction"];
        if items.iter().any(|item| tagged.contains(&item.kind.as_str()) && !is_tagged(item)) {
            tried.problems.push("an event or a transaction has lost the tag of the run".to_owned());
        }
        let broken_off = tried.sent.iter().any(|sent| sent.error.is_some());
        // What did not leave is no further news.
        for expected in part.expected.iter().filter(|_| !broken_off) {
            if (expected.holds)(&items) {
                tried.right.push(expected.what);
            } else {
                tried.problems.push(format!("not so: {}", expected.what));
            }
        }
        tried
    }
}
