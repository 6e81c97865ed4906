//! What the expansions add is silent under every lint, rustc's and clippy's; CI runs clippy over this file.
//!
//! One function a shape, in the words of the contract. Each is written so that it is clean without its attributes.

#![cfg(not(feature = "off"))] // Without attributes there is nothing to be silent about.
#![deny(warnings, clippy::pedantic, clippy::nursery)]
#![forbid(unsafe_code)]

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::SystemTime;

use watchpost::redact::{exposed, hashed, masked};
use watchpost::{Classify, SentryContext, TraceHeaders, capture_errors, monitor_performance, monitored_task};

#[derive(Debug, Classify)]
enum PaymentError {
    #[classify(category = "payment", level = "warning")]
    Declined { code: u32 },
    #[classify(ignore)]
    Cancelled,
}

impl PaymentError {
    const fn code(&self) -> u32 {
        match self {
            Self::Declined { code } => *code,
            Self::Cancelled => 0,
        }
    }
}

impl fmt::Display for PaymentError {
    #[monitor_performance]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "payment failed with {}", self.code())
    }
}

impl std::error::Error for PaymentError {}

#[derive(SentryContext)]
#[context(name = "payment")]
struct PaymentContext<'a> {
    payment_id: &'a str,
    amount: u32,
}

#[monitor_performance]
fn one_expression(a: u32) -> u32 {
    a + 1
}

#[monitor_performance(
    "named",
    op = "business.named",
    slow = "1m 30s",
    fields(a, b = %b, c = ?b, d = a + 1, email = masked(b), phone = hashed(b), password = exposed(&a)),
    metric,
    root,
    scope
)]
fn every_word(a: u32, b: &str) -> usize {
    b.len() + a as usize
}

#[monitor_performance]
fn nothing(a: &mut u32) {
    *a += 1;
}

#[monitor_performance]
fn never(text: &str) -> ! {
    std::panic::resume_unwind(Box::new(text.to_owned()))
}

#[monitor_performance]
async fn ends_with_a_future(receiver: tokio::sync::oneshot::Receiver<u32>) -> tokio::sync::oneshot::Receiver<u32> {
    tokio::task::yield_now().await;
    receiver
}

#[monitor_performance]
fn opaque_values(a: u32) -> impl Iterator<Item = u32> {
    0..a
}

#[monitor_performance]
fn with_items(a: u32) -> u32 {
    const MORE: u32 = 1;
    a + MORE
}

#[capture_errors(
    category = "payment",
    level = "warning",
    tags(currency, provider = "stripe"),
    fields(amount, code = err.code()),
    context = PaymentContext { payment_id, amount },
    ignore = PaymentError::Declined { code: 5 } | PaymentError::Cancelled,
    fingerprint = ["payment", err.code()],
    args(amount, currency)
)]
fn charge(payment_id: &str, amount: u32, currency: &str) -> Result<usize, PaymentError> {
    if amount == 0 {
        return Err(PaymentError::Declined { code: 7 });
    }
    Ok(payment_id.len() + currency.len())
}

#[monitor_performance]
#[capture_errors]
fn one_result(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[capture_errors(late, fields(amount, why), args(amount))]
fn late(amount: u32, why: &str) -> Result<u32, PaymentError> {
    amount.checked_add(1).ok_or(PaymentError::Cancelled)
}

#[monitor_performance(fields(first))]
#[capture_errors(late, tags(first))]
async fn awaited(
    first: u32,
    mut second: Vec<u32>,
    (third, _): (u32, u32),
    _: String,
    _fifth: String,
) -> Result<Vec<u32>, PaymentError> {
    std::future::ready(()).await;
    second.push(first + third);
    Ok(second)
}

#[monitor_performance]
async fn awaited_unit() {
    std::future::ready(()).await;
}

#[monitor_performance]
async fn awaited_never() -> ! {
    std::future::ready(()).await;
    std::process::exit(1)
}

#[monitor_performance(fields(a))]
#[capture_errors]
fn boxed<'a>(a: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, PaymentError>> + Send + 'a>> {
    let length = a.len();
    Box::pin(async move { Ok(length) })
}

#[capture_errors]
fn opaque(a: u32) -> impl Future<Output = Result<u32, PaymentError>> + Send {
    std::future::ready(Ok(a))
}

type Answer<T> = Result<T, PaymentError>;

const fn left_alone() -> u32 {
    5
}

#[monitor_performance]
fn alias<T: Clone>(value: &T) -> Answer<T> {
    Ok(value.clone())
}

#[monitor_performance]
fn no_result(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}

struct Job {
    id: String,
    attempt: u32,
    enqueued_at: Option<SystemTime>,
    trace: TraceHeaders,
}

#[monitored_task(
    "send_email_notification",
    queue = "notifications",
    id = job.id,
    attempt = job.attempt,
    max_attempts = 5,
    enqueued_at = job.enqueued_at,
    trace = job.trace,
    slow = "30s",
    report = "last_attempt",
    category = "notification",
    fields(id = job.id),
    tags(attempt = job.attempt)
)]
async fn send(job: &Job) -> Result<(), PaymentError> {
    std::future::ready(()).await;
    if job.attempt == 0 { Err(PaymentError::Cancelled) } else { Ok(()) }
}

#[monitored_task(
    cron = "0 3 * * *",
    slug = "nightly",
    timezone = "Europe/Berlin",
    checkin_margin = "5m",
    max_runtime = "30m"
)]
fn scheduled() {}

#[monitored_task(id = job.id, attempt = *n)]
fn from_a_pattern((mut job, n): (Job, u32)) -> Result<String, PaymentError> {
    job.id.push('x');
    if n > 5 { Err(PaymentError::Cancelled) } else { Ok(job.id) }
}

#[monitored_task(id = job.id, attempt = n, fields(text))]
async fn told_only(job: &Job, (n, _): (u32, u32), text: &str) -> Result<u32, PaymentError> {
    std::future::ready(()).await;
    Ok(5)
}

struct Shop<T>(T);

#[monitor_performance(op = "business")]
#[capture_errors(category = "shop")]
impl<T: Clone + Sync> Shop<T> {
    const OPEN: bool = !false;

    fn get(&self) -> Result<T, PaymentError> {
        if Self::OPEN { Ok(self.0.clone()) } else { Err(PaymentError::Cancelled) }
    }

    #[monitor_performance(skip)]
    const fn inner(&self) -> &T {
        &self.0
    }

    #[monitor_performance("own", fields(n))]
    async fn wait(&self, n: u32) -> u32 {
        std::future::ready(n).await
    }

    fn into_inner(self) -> Result<T, PaymentError> {
        Ok(self.0)
    }
}

#[async_trait::async_trait]
trait Load: Sync {
    async fn load(&self, key: &str) -> Result<String, PaymentError>;

    #[monitor_performance]
    async fn length(&self, key: &str) -> usize {
        self.load(key).await.map_or(0, |text| text.len())
    }
}

#[async_trait::async_trait]
impl Load for Shop<u32> {
    #[monitor_performance(fields(key))]
    #[capture_errors(tags(key))]
    async fn load(&self, key: &str) -> Result<String, PaymentError> {
        if key.is_empty() {
            return Err(PaymentError::Cancelled);
        }
        Ok(key.repeat(self.0 as usize))
    }
}

#[tokio::test]
async fn every_shape_runs() {
    let mut n = one_expression(1);
    nothing(&mut n);
    assert_eq!((n, every_word(1, "ab"), opaque_values(3).sum::<u32>(), with_items(1)), (3, 3, 3, 2));
    assert!(std::panic::catch_unwind(|| never("left")).is_err());
    assert_eq!(charge("p", 1, "EUR").ok(), Some(4));
    assert_eq!(charge("p", 0, "EUR").map_err(|err| err.to_string()), Err("payment failed with 7".to_owned()));
    assert_eq!((one_result("5").ok(), late(1, "why").ok(), left_alone()), (Some(5), Some(2), 5));
    let waited = awaited(1, vec![2], (3, 4), String::new(), String::new()).await;
    assert_eq!(waited.ok(), Some(vec![2, 4]));
    awaited_unit().await;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    assert!(sender.send(7).is_ok());
    assert_eq!(ends_with_a_future(receiver).await.await.ok(), Some(7));
    drop(awaited_never());
    assert_eq!((boxed("abc").await.ok(), opaque(4).await.ok(), alias(&5).ok()), (Some(3), Some(4), Some(5)));
    assert_eq!(no_result(1).as_secs(), 1);
    let job = Job { id: "1".to_owned(), attempt: 1, enqueued_at: None, trace: TraceHeaders::current() };
    assert!(send(&job).await.is_ok());
    scheduled();
    assert_eq!(told_only(&job, (1, 2), "text").await.ok(), Some(5));
    assert_eq!(from_a_pattern((job, 1)).ok(), Some("1x".to_owned()));
    let shop = Shop(2);
    assert_eq!((shop.get().ok(), *shop.inner(), shop.wait(3).await), (Some(2), 2, 3));
    assert_eq!((shop.load("ab").await.ok(), shop.length("a").await), (Some("abab".to_owned()), 2));
    assert_eq!(shop.into_inner().ok(), Some(2));
}
