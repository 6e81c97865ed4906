//! Events and spans of tracing: breadcrumbs, logs and error events.
//!
//! ```
//! use tracing_subscriber::layer::SubscriberExt as _;
//!
//! let subscriber = tracing_subscriber::registry().with(watchpost::tracing::layers());
//! # let _ = subscriber;
//! ```
//!
//! | level | becomes |
//! |---|---|
//! | `ERROR` | an error event, and a breadcrumb of the events after it |
//! | `WARN`, `INFO` | a breadcrumb |
//! | `ERROR`, `WARN`, `INFO` | with the feature `logs` also a log, with the ids of the exact trace and span |
//! | `DEBUG`, `TRACE` | nothing |
//!
//! [`Layers`] says otherwise. Layers beside this one see what they did before: its filter is its own.
//!
//! # Once
//! An error that is logged and returned, or returned and logged, is one event, told by whoever speaks first:
//! - A field that is an error (`error!(error = &err as &dyn Error, "refund failed")`) is reported as by
//!   [`capture_error`](crate::capture_error): with its type, its chain and the annotated functions around. What returns it afterwards does not report it again.
//! - Where an error is but text (`error!("refund failed: {err}")`, `error!(error = %err, ..)`) the line is reported as a message, unless an
//!   error with that text was captured in the same annotated call, or a moment ago by one that has ended. What returns the error
//!   afterwards does not report it again. Texts of fewer than eight letters are too short to tell.
//!
//! Prefer the first: a message has no type and no chain.
//!
//! # What leaves
//! The message and the event's own fields, redacted by key and by value as everything that leaves is. Fields of the spans of tracing that the
//! event is in are not taken along.
//!
//! Left out is what this crate and its transport log (`watchpost`, `sentry`, `ureq`, `rustls`, `hyper` and what belongs to them), so that
//! sending never gives rise to more to send; and statements of `sqlx`, which it logs with their literals. What runs on the delivery's
//! thread, or in a hook of it, is left out whatever its target.
//!
//! # Spans
//! Spans of tracing become none of Sentry's: annotated functions are, and a second tree of the same calls helps nobody. Where those of a
//! library are wanted, `sentry_tracing::SpanLayer` stands beside this layer; between annotated functions its spans are part of
//! the tree.
//!
//! # Why not `sentry-tracing`'s layers
//! They name an error by its `Debug` text, report what was reported before, and take over fields and targets as they come. What is left after
//! that is what stands here.

mod fields;
mod layer;
mod target;

use tracing_core::{LevelFilter, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Breadcrumbs, logs and error events as the [module](self) has them.
pub fn layers<S>() -> impl Layer<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    Layers::new().filtered()
}

/// What [`layers`] gives, with settings.
///
/// ```
/// use tracing_subscriber::filter::LevelFilter;
/// use tracing_subscriber::layer::SubscriberExt as _;
/// use watchpost::tracing::Layers;
///
/// let quiet = Layers::new().breadcrumbs(LevelFilter::WARN).except("noisy_crate");
/// let subscriber = tracing_subscriber::registry().with(quiet.filtered());
/// # let _ = subscriber;
/// ```
#[derive(Debug, Clone)]
pub struct Layers {
    errors: LevelFilter,
    breadcrumbs: LevelFilter,
    logs: LevelFilter,
    except: Vec<Box<str>>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            errors: LevelFilter::ERROR,
            breadcrumbs: LevelFilter::INFO,
            logs: if cfg!(feature = "logs") { LevelFilter::INFO } else { LevelFilter::OFF },
            except: Vec::new(),
        }
    }
}

impl Layers {
    /// As the [module](self) has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Down to which level events become error events: `ERROR` unless said, `OFF` for none.
    #[must_use]
    pub fn errors(mut self, level: LevelFilter) -> Self {
        self.errors = level;
        self
    }

    /// Down to which level events become breadcrumbs: `INFO` unless said, `OFF` for none.
    #[must_use]
    pub fn breadcrumbs(mut self, level: LevelFilter) -> Self {
        self.breadcrumbs = level;
        self
    }

    /// Down to which level events become logs, with the feature `logs`: `INFO` unless said, `OFF` for none.
    #[must_use]
    pub fn logs(mut self, level: LevelFilter) -> Self {
        if cfg!(feature = "logs") {
            self.logs = level;
        }
        self
    }

    /// Leaves out what this target, or one below it (`hyper` and `hyper::client`), logs.
    #[must_use]
    pub fn except(mut self, target: impl Into<Box<str>>) -> Self {
        self.except.push(target.into());
        self
    }

    /// The layer, that sees nothing but what it is for.
    pub fn filtered<S>(self) -> impl Layer<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let filter = layer::Only(self.clone());
        layer::Events(self).with_filter(filter)
    }

    fn most(&self) -> LevelFilter {
        self.errors.max(self.breadcrumbs).max(self.logs)
    }
}
