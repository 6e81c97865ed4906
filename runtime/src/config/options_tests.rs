//! What becomes of a configuration in the SDK's options.

use std::sync::Arc;
use std::time::Duration;

use sentry_core::protocol::Transaction;
use sentry_core::{
    Client, ClientOptions, EventSamplingStrategy, Hub, TracesSamplingStrategy, TransactionContext, Transport,
};

use super::{Config, Installed};
use crate::delivery::Ledger;

fn sampled(config: &Config) -> f32 {
    match config.client_options().traces_sampling_strategy {
        TracesSamplingStrategy::Function(sampler) => sampler(&TransactionContext::new("checkout", "http.server")),
        TracesSamplingStrategy::FixedRate(rate) => rate,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_options_say_what_the_settings_say() {
    let config = Config::from_vars([
        ("SENTRY_DSN", "https://key@sentry.invalid/1"),
        ("SENTRY_ENVIRONMENT", "Production"),
        ("SENTRY_RELEASE", "shop@1.2.3"),
        ("SENTRY_MAX_BREADCRUMBS", "7"),
        ("HTTP_PROXY", "http://proxy.invalid:3128"),
    ]);
    let options = config.unwrap().shutdown_timeout(Duration::from_millis(300)).client_options();
    assert_eq!(options.dsn.unwrap().host(), "sentry.invalid");
    assert_eq!(options.environment.as_deref(), Some("production"));
    assert_eq!(options.release.as_deref(), Some("shop@1.2.3"));
    assert!(matches!(options.event_sampling_strategy, EventSamplingStrategy::FixedRate(rate) if rate == 0.8));
    assert!(matches!(options.traces_sampling_strategy, TracesSamplingStrategy::FixedRate(rate) if rate == 0.05));
    assert_eq!(options.max_breadcrumbs, 7);
    assert!(options.attach_stacktrace && !options.send_default_pii && !options.debug && !options.default_integrations);
    assert_eq!(options.shutdown_timeout, Duration::from_millis(300));
    assert_eq!(options.transport_channel_capacity.unwrap().get(), 1000);
    assert_eq!(options.http_proxy.as_deref(), Some("http://proxy.invalid:3128"));
    assert_eq!(options.https_proxy.as_deref(), Some("http://proxy.invalid:3128"));
}

#[test]
fn who_looks_on_the_spot_sees_every_trace_unless_a_rate_is_said() {
    let config = |variables: &[(&str, &str)]| Config::from_vars(variables.to_vec()).unwrap().spotlight(true);
    let dsn = ("SENTRY_DSN", "https://key@sentry.invalid/1");
    assert_eq!(sampled(&config(&[])), 1.0);
    assert_eq!(sampled(&config(&[]).traces_sampler(|_| f32::NAN)), 1.0);
    assert_eq!(sampled(&config(&[dsn])), 0.1);
    assert_eq!(sampled(&config(&[("SENTRY_TRACES_SAMPLE_RATE", "0.3")])), 0.3);
    assert_eq!(sampled(&config(&[("SENTRY_ENVIRONMENT", "production")])), 0.05);
}

#[test]
fn a_sampler_has_the_last_word_while_it_makes_sense() {
    let config = |said: fn() -> f32| Config::for_environment("staging").traces_sampler(move |_| said());
    assert_eq!(sampled(&config(|| 0.25)), 0.25);
    assert_eq!(sampled(&config(|| 0.0)), 0.0);
    for senseless in [|| f32::NAN, || 2.0, || -0.1] {
        assert_eq!(sampled(&config(senseless)), 0.5);
    }
}

#[test]
fn ignored_transactions_are_not_sampled_and_the_rate_counts_for_the_rest() {
    let config = Config::for_environment("staging").ignore_transaction("GET /health").ignore_transaction("GET /docs*");
    let sampled = |config: &Config, context: TransactionContext| match config.client_options().traces_sampling_strategy
    {
        TracesSamplingStrategy::Function(sampler) => sampler(&context),
        other => panic!("{other:?}"),
    };
    let named = |name: &str| TransactionContext::new(name, "http.server");
    for (name, rate) in [("GET /health", 0.0), ("GET /docs/index", 0.0), ("GET /healthy", 0.5), ("POST /book", 0.5)] {
        assert_eq!(sampled(&config, named(name)), rate, "{name}");
    }
    // What a caller decided stands, as it does with the rate alone.
    let continued = |flag: &str| {
        let header = format!("0123456789abcdef0123456789abcdef-0123456789abcdef-{flag}");
        TransactionContext::continue_from_headers("POST /book", "http.server", [("sentry-trace", &*header)])
    };
    assert_eq!((sampled(&config, continued("1")), sampled(&config, continued("0"))), (1.0, 0.0));
    let config = config.traces_sampler(|_| 0.25);
    assert_eq!((sampled(&config, named("GET /health")), sampled(&config, named("POST /book"))), (0.0, 0.25));
}

#[test]
fn a_transaction_that_is_named_late_is_left_out_before_it_is_sent() {
    let hook = |config: Config| config.settings().delivery().hooks.before_send_transaction;
    let transaction = |name: &str| Transaction { name: Some(name.to_owned()), ..Transaction::default() };
    assert!(hook(Config::for_environment("staging")).is_none());
    let config = Config::for_environment("staging").ignore_transaction("GET /health");
    let before = hook(config.clone()).unwrap();
    assert!(before(transaction("GET /health")).is_none());
    assert_eq!(before(transaction("POST /book")).unwrap().name.as_deref(), Some("POST /book"));
    let before = hook(config.before_send_transaction(|_| None)).unwrap();
    assert!(before(transaction("POST /book")).is_none());
}

#[test]
fn a_panic_of_the_programs_functions_is_kept_in_and_counted() {
    struct Nowhere;
    impl Transport for Nowhere {
        fn send_envelope(&self, _: sentry_core::Envelope) {}
    }
    let config = Config::for_environment("staging")
        .dsn("https://key@sentry.invalid/1")
        .transport(|_: &ClientOptions| Arc::new(Nowhere) as Arc<dyn Transport>)
        .traces_sampler(|_| panic!("the sampler"))
        .before_breadcrumb(|_| panic!("the breadcrumb's hook"));
    assert_eq!(sampled(&config), 0.5);
    let client = Arc::new(Client::with_options(config.client_options()));
    let hub = Arc::new(Hub::new(Some(Arc::clone(&client)), Arc::default()));
    Hub::run(Arc::clone(&hub), || {
        sentry_core::start_transaction(TransactionContext::new("checkout", "http.server")).finish();
        sentry_core::add_breadcrumb(sentry_core::Breadcrumb::default());
    });
    let panics = hub.with_integration(|ledger: &Ledger| ledger.stats().hook_panics);
    assert_eq!(panics, 2);
    assert_eq!(Installed::of(&client).unwrap().traces_sample_rate, 0.5);
}
