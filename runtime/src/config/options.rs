//! From settings to the options of the SDK's client, and to the client.

use std::io::IsTerminal;
use std::sync::Arc;

use sentry_core::protocol::{Event, Transaction};
use sentry_core::types::Dsn;
use sentry_core::{BeforeCallback, Breadcrumb, Client, ClientOptions, Hub, Integration, TransactionContext};

use super::{Config, ConfigErrors, Environment, Hooks, Settings, variable};
use crate::capture;
use crate::capture::rules::like;
use crate::delivery::{self, Delivery, Destination, Guard, LOCAL_DSN, Ledger};
use crate::machine::Machine;
use crate::span::{Instrumentation, state};

/// How many envelopes may wait for the transport. The SDK's own 30 lose most of a burst.
const CHANNEL_CAPACITY: usize = 1000;

/// Reads the configuration from the environment and starts monitoring: `Config::from_env()?.init()`.
///
/// It knows no release of its own: [`init!`](crate::init!) passes the calling crate's.
///
/// # Errors
/// Everything that is wrong with the configuration, at once. Nothing was started then; whether the program runs on
/// is its own decision.
///
/// ```no_run
/// let guard = watchpost::init!().unwrap_or_else(|errors| {
///     eprintln!("{errors}");
///     std::process::exit(2)
/// });
/// # drop(guard);
/// ```
pub fn init() -> Result<Guard, ConfigErrors> {
    Config::from_env()?.init()
}

/// [`init`](crate::init()), with [`release!`](crate::release!) of the calling crate for where no release is configured.
#[macro_export]
macro_rules! init {
    () => {
        $crate::config::init_with($crate::release!())
    };
}

/// What [`init!`](crate::init!) calls.
#[doc(hidden)]
pub fn init_with(release: super::Release) -> Result<Guard, ConfigErrors> {
    Config::from_env()?.default_release(release).init()
}

impl Config {
    /// Starts monitoring, for as long as the guard is kept.
    ///
    /// The client is bound to the current thread's hub and to the main one, from which new threads take theirs: do it
    /// before threads and asynchronous runtimes are started. Without a DSN, and nothing local that sees it, there is no
    /// client, and nothing is spent.
    ///
    /// # Errors
    /// What [`Config::check`] finds. Nothing was started then.
    pub fn init(self) -> Result<Guard, ConfigErrors> {
        #[cfg(feature = "catalog")]
        crate::catalog::answer_if_asked();
        self.check()?;
        let settings = Arc::new(self.settings());
        if settings.debug {
            for note in settings.notes() {
                eprintln!("[watchpost] {note}");
            }
        }
        state::remember(Arc::clone(&settings));
        let (options, delivery) = settings.client_options();
        let guard = Guard::bind(options, delivery).with_last_words(capture::tell_of_storms);
        let current = Hub::current();
        if !Arc::ptr_eq(&current, &Hub::main()) {
            Hub::main().bind_client(current.client());
        }
        Ok(guard)
    }

    /// The options for programs that call `sentry::init` themselves, with everything of ours in them.
    ///
    /// Of the SDK's default integrations none is on. What they do is done here, without the list of loaded images,
    /// which nothing needs where the program resolves its own symbols; a program that wants one of them adds it.
    ///
    /// What [`Config::check`] would refuse is said on standard error here, and what the other sources say stands.
    pub fn client_options(&self) -> ClientOptions {
        if let Err(errors) = self.check() {
            eprintln!("[watchpost] {errors}");
        }
        let (options, delivery) = Arc::new(self.settings()).client_options();
        delivery.install(options)
    }
}

impl Settings {
    /// Whether there is something local to see what is captured while there is no DSN.
    pub(super) fn is_local(&self) -> bool {
        self.dsn.is_none() && (self.spotlight.is_some() || self.prints() || !self.extensions.observers.is_empty())
    }

    /// The rate that is used. Someone who looks at what would leave, and asks for no rate, wants to see all of it.
    fn traces_rate(&self) -> f32 {
        if self.is_local() && !self.traces_rate_is_said { 1.0 } else { self.traces_sample_rate }
    }

    /// Whether what leaves is printed. Unless code says so, only where someone develops: an environment of that name, or
    /// none, and a terminal.
    pub(super) fn prints(&self) -> bool {
        let developing = || match self.environment_is_named {
            true => self.environment == Environment::Development,
            false => std::io::stderr().is_terminal(),
        };
        cfg!(feature = "console") && self.console.unwrap_or_else(|| self.dsn.is_none() && developing())
    }

    fn client_options(self: Arc<Self>) -> (ClientOptions, Delivery) {
        let delivery = Delivery::new(self.delivery());
        let mut options = ClientOptions::new()
            .debug(self.debug)
            .environment(self.environment.to_string())
            .maybe_release(self.release.clone())
            .sample_rate(self.sample_rate)
            .traces_sample_rate(self.traces_rate())
            .max_breadcrumbs(self.max_breadcrumbs)
            .attach_stacktrace(self.attach_stacktrace)
            .send_default_pii(self.send_default_pii)
            .shutdown_timeout(self.shutdown_timeout)
            .transport_channel_capacity(CHANNEL_CAPACITY)
            .default_integrations(false);
        options.dsn = if self.is_local() { local_dsn() } else { self.dsn.clone() };
        options.server_name = self.server_name.clone().map(Into::into);
        options.http_proxy = self.proxies.http.clone().map(Into::into);
        options.https_proxy = self.proxies.https.clone().map(Into::into);
        #[cfg(feature = "release-health")]
        {
            options.auto_session_tracking = self.sessions != super::Sessions::Off;
            options.session_mode = match self.sessions {
                super::Sessions::Request => sentry_core::SessionMode::Request,
                _ => sentry_core::SessionMode::Application,
            };
        }
        let hooks = Isolated {
            hooks: self.hooks.clone(),
            ignored: self.filters.ignored_transactions.clone(),
            rate: self.traces_rate(),
            ledger: delivery.ledger(),
        };
        options = hooks.install(options);
        let engine = Instrumentation::with_settings(Arc::clone(&self));
        options.integrations =
            vec![Arc::new(Installed { settings: Arc::clone(&self), machine: Machine::new() }), Arc::new(engine)];
        options.integrations.extend(self.extensions.integrations.iter().cloned());
        (options, delivery)
    }

    pub(super) fn delivery(&self) -> delivery::Settings {
        let mut hooks = self.hooks.sent.clone();
        let hook = hooks.before_send_transaction.take();
        hooks.before_send_transaction = without_ignored(self.filters.ignored_transactions.clone(), hook);
        let mut delivery = delivery::Settings { hooks, ..delivery::Settings::default() };
        delivery.redactor = self.redactor.clone();
        delivery.spotlight.clone_from(&self.spotlight);
        delivery.observers.clone_from(&self.extensions.observers);
        #[cfg(feature = "console")]
        if self.prints() {
            delivery.observers.push(crate::console::observer());
        }
        #[cfg(feature = "transport")]
        delivery.store.clone_from(&self.extensions.store);
        delivery.destination = match &self.extensions.transport {
            Some(transport) => Destination::Transport(Arc::clone(transport)),
            None if self.is_local() => Destination::Nowhere,
            None => Destination::Server,
        };
        delivery
    }
}

fn local_dsn() -> Option<Dsn> {
    LOCAL_DSN.parse().ok()
}

/// The functions of the program that the SDK calls on the program's own threads.
struct Isolated {
    hooks: Hooks,
    /// Names of transactions that nobody wants: they are not even recorded.
    ignored: Vec<String>,
    rate: f32,
    ledger: Arc<Ledger>,
}

impl Isolated {
    fn install(self, mut options: ClientOptions) -> ClientOptions {
        let Self { hooks, ignored, rate, ledger } = self;
        if let Some(before) = hooks.before_breadcrumb {
            let ledger = Arc::clone(&ledger);
            options = options.before_breadcrumb(move |crumb: Breadcrumb| ledger.isolate(|| before(crumb)).flatten());
        }
        if hooks.traces_sampler.is_none() && ignored.is_empty() {
            // The SDK's own decision by the rate costs less than to be asked.
            return options;
        }
        let sampler = hooks.traces_sampler;
        options.traces_sampler(move |context: &TransactionContext| {
            if is_ignored(&ignored, context.name()) {
                return 0.0;
            }
            let said = sampler.as_ref().and_then(|sampler| ledger.isolate(|| sampler(context)));
            let said = said.filter(|said| variable::is_rate(*said));
            said.unwrap_or_else(|| context.sampled().map_or(rate, f32::from))
        })
    }
}

fn is_ignored(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| like(pattern, name))
}

/// The hook of transactions, with those left out that got their name only after they were sampled.
fn without_ignored(patterns: Vec<String>, hook: Option<BeforeTransaction>) -> Option<BeforeTransaction> {
    if patterns.is_empty() {
        return hook;
    }
    Some(Arc::new(move |transaction: Transaction<'static>| {
        if transaction.name.as_deref().is_some_and(|name| is_ignored(&patterns, name)) {
            return None;
        }
        match &hook {
            Some(hook) => hook(transaction),
            None => Some(transaction),
        }
    }))
}

type BeforeTransaction = BeforeCallback<Transaction<'static>>;

/// The settings, carried by the client that they belong to; and the machine on each of its events. One integration, for each has the
/// SDK move every event once more.
#[derive(Debug)]
pub(crate) struct Installed {
    settings: Arc<Settings>,
    machine: Machine,
}

impl Installed {
    /// The settings of a client that was made from ours.
    pub(crate) fn of(client: &Client) -> Option<Arc<Settings>> {
        let mut integrations = client.options().integrations.iter().map(|one| one.as_ref().as_any());
        integrations.find_map(|one| Some(Arc::clone(&one.downcast_ref::<Self>()?.settings)))
    }
}

impl Integration for Installed {
    fn name(&self) -> &'static str {
        "watchpost"
    }

    fn setup(&self, options: &mut ClientOptions) {
        Machine::name_server(options);
    }

    fn process_event(&self, mut event: Event<'static>, _: &ClientOptions) -> Option<Event<'static>> {
        self.machine.complete(&mut event);
        Some(event)
    }
}
