#![doc = include_str!("../guide/front.md")]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod capture;
#[cfg(feature = "catalog")]
mod catalog;
pub mod config;
pub mod context;
pub mod delivery;
#[cfg(any(doc, doctest))]
pub mod guide;
pub mod health;
mod integrations;
mod machine;
mod main_fn;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod notification;
pub mod redact;
pub mod site;
pub mod span;
pub mod task;
#[cfg(feature = "testing")]
pub mod testing;

pub use capture::classify::{Classify, Policy, Retry};
pub use capture::rules::ErrorRule;
pub use capture::{ErrorReport, capture_error, capture_message};
#[cfg(feature = "catalog")]
pub use catalog::{Derived, TypeSite, catalog, catalog_of_types};
pub use config::{Config, ConfigErrors, Environment, init};
pub use context::{
    Fields, IntoContext, ScopeExt, SentryContext, SentryUser, ToValue, UserFields, add_breadcrumb, add_context,
    set_tag, set_user, with_scope,
};
pub use delivery::{FlushReport, Guard};
pub use health::{Health, health};
#[cfg(feature = "actix-web")]
pub use integrations::actix_web;
#[cfg(feature = "apalis")]
pub use integrations::apalis;
#[cfg(feature = "axum")]
pub use integrations::axum;
#[cfg(feature = "console")]
pub use integrations::console;
#[cfg(feature = "diesel")]
pub use integrations::diesel;
#[cfg(feature = "jwt")]
pub use integrations::jwt;
#[cfg(feature = "lettre")]
pub use integrations::lettre;
#[cfg(feature = "redis")]
pub use integrations::redis;
#[cfg(feature = "reqwest")]
pub use integrations::reqwest;
#[cfg(feature = "sql")]
pub use integrations::sql::{self, observe_sql};
#[cfg(feature = "sqlx")]
pub use integrations::sqlx;
#[cfg(feature = "tracing")]
pub use integrations::tracing;
pub use notification::delivery;
pub use sentry_core::protocol::SpanStatus;
pub use sentry_core::{Breadcrumb, Level};
pub use site::CallSite;
pub use span::{
    Carry, CurrentSpan, InCurrentSpan, InCurrentSpanFn, Instrumentation, SpanBuilder, carry, current_span, span,
    transaction,
};
pub use task::{TaskBuilder, TraceHeaders, TraceParent, publish, publish_async, task};
#[doc = include_str!("../guide/attributes/capture_errors.md")]
pub use watchpost_macros::capture_errors;
pub use watchpost_macros::main;
#[doc = include_str!("../guide/attributes/monitor_performance.md")]
pub use watchpost_macros::monitor_performance;
#[doc = include_str!("../guide/attributes/monitored_task.md")]
pub use watchpost_macros::monitored_task;
