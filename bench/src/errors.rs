//! One function that fails: plain, with an error that nobody wants to know of, with one that is reported, and the same report
//! by hand.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sentry_core::protocol::{Context, Map};
use sentry_core::{Client, ClientOptions, Envelope, Hub, Transport};
use watchpost::{Config, capture_errors};

/// What fails.
#[derive(Debug)]
pub enum PaymentError {
    /// With text to be made.
    Declined {
        /// For the text.
        code: u64,
    },
}
impl fmt::Display for PaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Declined { code } = self;
        write!(f, "card declined with {code}")
    }
}
impl std::error::Error for PaymentError {}

/// Without instrumentation.
#[inline(never)]
pub fn plain(code: u64) -> Result<u64, PaymentError> {
    if code == 0 { Ok(1) } else { Err(PaymentError::Declined { code }) }
}

/// Fails as a matter of course.
#[inline(never)]
#[capture_errors(ignore = PaymentError::Declined { .. })]
pub fn ignores(code: u64) -> Result<u64, PaymentError> {
    if code == 0 { Ok(1) } else { Err(PaymentError::Declined { code }) }
}

/// Fails, and is reported.
#[inline(never)]
#[capture_errors(category = "payment", tags(currency = "eur"), fields(payment_id = "pay_1", amount = 4200), args(code))]
pub fn captures(code: u64) -> Result<u64, PaymentError> {
    if code == 0 { Ok(1) } else { Err(PaymentError::Declined { code }) }
}

/// The same by hand: the same tags, the same context, the error.
#[inline(never)]
pub fn by_hand(code: u64) -> Result<u64, PaymentError> {
    let result = plain(code);
    if let Err(err) = &result {
        sentry_core::with_scope(
            |scope| {
                scope.set_tag("error.category", "payment");
                scope.set_tag("currency", "eur");
                let mut fields = Map::new();
                fields.insert("payment_id".to_owned(), "pay_1".into());
                fields.insert("amount".to_owned(), 4200.into());
                fields.insert("error_type".to_owned(), "PaymentError::Declined".into());
                scope.set_context("payment_error", Context::Other(fields));
            },
            || sentry_core::capture_error(err),
        );
    }
    result
}

/// Drops an envelope when the next one comes: as behind a queue, it is not the last thing that was allocated. What is, the
/// allocator takes back at length or in no time, by where it happens to lie.
#[derive(Default)]
struct Nowhere(Mutex<Option<Envelope>>);
impl Transport for Nowhere {
    fn send_envelope(&self, envelope: Envelope) {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(envelope);
        drop(std::hint::black_box(before));
    }
}

fn hub(mut options: ClientOptions) -> Arc<Hub> {
    options.dsn = "https://public@sentry.invalid/1".parse().ok();
    options.transport = Some(Arc::new(|_: &ClientOptions| Arc::new(Nowhere::default()) as Arc<dyn Transport>));
    Arc::new(Hub::new(Some(Arc::new(Client::from(options))), Arc::default()))
}

/// A hub with our client for errors, whose transport drops what it gets and whose storm guard is off.
pub fn ours(attach_stacktrace: bool) -> Arc<Hub> {
    let config = Config::from_vars::<&str, &str>([]).unwrap_or_else(|problems| unreachable!("no variable: {problems}"));
    hub(config.traces_sample_rate(0.0).storm_limit(0).attach_stacktrace(attach_stacktrace).client_options())
}

/// A hub with sentry's own client, of the same transport, with the integrations that `sentry::init` adds where nothing else is said.
pub fn theirs(attach_stacktrace: bool) -> Arc<Hub> {
    let options = ClientOptions::new().attach_stacktrace(attach_stacktrace);
    hub(options
        .add_integration(sentry_backtrace::AttachStacktraceIntegration::new())
        .add_integration(sentry_debug_images::DebugImagesIntegration::new())
        .add_integration(sentry_contexts::ContextIntegration::new())
        .add_integration(sentry_panic::PanicIntegration::new())
        .add_integration(sentry_backtrace::ProcessStacktraceIntegration::new()))
}

/// The same without the list of the images that the process has loaded, which only serves to find symbols later.
pub fn theirs_without_images() -> Arc<Hub> {
    hub(ClientOptions::new().add_integration(sentry_contexts::ContextIntegration::new()))
}

/// So many failures under a client.
pub fn failures(hub: Arc<Hub>, n: u64, call: fn(u64) -> Result<u64, PaymentError>) {
    Hub::run(hub, || {
        for code in 1..=n {
            let _ = std::hint::black_box(call(std::hint::black_box(code)));
        }
    });
}
