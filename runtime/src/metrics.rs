//! Business metrics: how many, how much, how long. They are independent of the sampling of traces.
//!
//! ```no_run
//! use watchpost::metrics;
//!
//! metrics::count("booking.created", 1).attribute("service", "haircut");
//! metrics::gauge("queue.length", 12_usize).send();
//! metrics::distribution("checkout.duration", 187.5).unit("ms").attribute("currency", "EUR");
//! ```
//!
//! A metric is sent when it is dropped, which is at the end of its statement: none is forgotten. Without a client
//! nothing is done. An attribute whose key looks secret is redacted, as everything that leaves is.

use std::borrow::Cow;

use sentry_core::Hub;
use sentry_core::metrics::{CounterMetric, DistributionMetric, GaugeMetric, counter};
use sentry_core::protocol::Unit;

use crate::ToValue;

/// Adds to a count. Sums are made by Sentry.
pub fn count(name: impl Into<Cow<'static, str>>, value: impl Amount) -> Count {
    Count(is_wanted(&value).then(|| counter(name, value.amount())))
}

/// A value that goes up and down, as it is now.
pub fn gauge(name: impl Into<Cow<'static, str>>, value: impl Amount) -> Gauge {
    Gauge(is_wanted(&value).then(|| sentry_core::metrics::gauge(name, value.amount())))
}

/// One of many values whose spread matters: percentiles are made by Sentry.
pub fn distribution(name: impl Into<Cow<'static, str>>, value: impl Amount) -> Distribution {
    Distribution(is_wanted(&value).then(|| sentry_core::metrics::distribution(name, value.amount())))
}

/// Someone takes it, and it is a number that the protocol can carry.
fn is_wanted(value: &impl Amount) -> bool {
    value.amount().is_finite() && Hub::with_active(|_| true)
}

/// A number, of any of Rust's types. Whole numbers past 2^53 lose their last digits.
pub trait Amount: sealed::Sealed + Copy {
    #[doc(hidden)]
    fn amount(&self) -> f64;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! amounts {
    ($($number:ty)*) => { $(
        impl sealed::Sealed for $number {}
        impl Amount for $number {
            fn amount(&self) -> f64 {
                *self as f64
            }
        }
    )* };
}
amounts!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64);

/// The three kinds differ in name and in whether they have a unit.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident($inner:ty);)*) => { $(
        $(#[$doc])*
        pub struct $name(Option<$inner>);

        impl $name {
            /// What the metric is told apart by. Values should be few: an id makes one series of each.
            pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl ToValue) -> Self {
                self.0 = self.0.take().map(|metric| metric.attribute(key, value.to_value()));
                self
            }

            /// Sends it now; dropping it does the same.
            pub fn send(self) {}
        }

        impl Drop for $name {
            fn drop(&mut self) {
                if let Some(metric) = self.0.take() {
                    metric.capture();
                }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )* };
}

kinds! {
    /// A count on its way out.
    Count(CounterMetric);
    /// A gauge on its way out.
    Gauge(GaugeMetric);
    /// A value of a distribution on its way out.
    Distribution(DistributionMetric);
}

impl Gauge {
    /// What the value is measured in: `"ms"`, `"MB"`, `"percent"`, or a name of one's own.
    pub fn unit(mut self, unit: impl Into<Unit>) -> Self {
        self.0 = self.0.take().map(|metric| metric.unit(unit));
        self
    }
}

impl Distribution {
    /// What the values are measured in: `"ms"`, `"MB"`, `"percent"`, or a name of one's own.
    pub fn unit(mut self, unit: impl Into<Unit>) -> Self {
        self.0 = self.0.take().map(|metric| metric.unit(unit));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use sentry_core::protocol::{EnvelopeItem, ItemContainer, Metric, MetricType};
    use sentry_core::{Client, ClientOptions, Envelope, Transport};

    use super::*;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<Envelope>>);

    impl Transport for Recorder {
        fn send_envelope(&self, envelope: Envelope) {
            self.0.lock().unwrap().push(envelope);
        }
    }

    fn sent(code: impl FnOnce()) -> Vec<Metric> {
        let recorder = Arc::new(Recorder::default());
        let options = ClientOptions::new().dsn("https://key@sentry.invalid/1").transport(Arc::clone(&recorder));
        let client = Arc::new(Client::with_options(options));
        Hub::run(Arc::new(Hub::new(Some(Arc::clone(&client)), Arc::default())), code);
        client.flush(None);
        let envelopes = recorder.0.lock().unwrap();
        let items = envelopes.iter().flat_map(Envelope::items);
        let metrics = items.filter_map(|item| match item {
            EnvelopeItem::ItemContainer(ItemContainer::Metrics(metrics)) => Some(metrics.clone()),
            _ => None,
        });
        metrics.flatten().collect()
    }

    #[test]
    fn a_metric_is_sent_once_at_the_end_of_its_statement_or_by_word() {
        let metrics = sent(|| {
            count("booking.created", 1).attribute("service", "haircut");
            gauge("queue.length", 12_usize).unit("percent").send();
            distribution("checkout.duration", 187.5_f32).unit("ms").attribute("items", 3_u8);
        });
        let told: Vec<_> = metrics.iter().map(|m| (m.r#type, m.name.as_ref(), m.value, m.unit.clone())).collect();
        let expected = [
            (MetricType::Counter, "booking.created", 1.0, None),
            (MetricType::Gauge, "queue.length", 12.0, Some("percent".into())),
            (MetricType::Distribution, "checkout.duration", 187.5, Some("ms".into())),
        ];
        assert_eq!(told, expected);
        assert_eq!(metrics[0].attributes.get("service"), Some(&"haircut".into()));
        assert_eq!(metrics[2].attributes.get("items"), Some(&3.into()));
    }

    #[test]
    fn what_is_no_number_and_what_nobody_takes_is_not_sent() {
        let metrics = sent(|| {
            count("a", f64::NAN);
            count("b", f64::INFINITY);
            Hub::run(Arc::new(Hub::new(None, Arc::default())), || count("c", 1).send());
        });
        assert!(metrics.is_empty(), "{metrics:?}");
    }
}
