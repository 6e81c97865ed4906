//! What becomes of a configuration in the SDK's options.

use std::sync::Arc;
use std::time::Duration;

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
fn a_sampler_has_the_last_word_while_it_makes_sense() {
    let config = |said: fn() -> f32| Config::for_environment("staging").traces_sampler(move |_| said());
    assert_eq!(sampled(&config(|| 0.25)), 0.25);
    assert_eq!(sampled(&config(|| 0.0)), 0.0);
    for senseless in [|| f32::NAN, || 2.0, || -0.1] {
        assert_eq!(sampled(&config(senseless)), 0.5);
    }
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
