//! An event on its way to Sentry.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sentry_core::Hub;
use tracing_core::subscriber::Interest;
use tracing_core::{Event, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, Filter};

use super::Layers;
use super::fields::{FirstError, Said};
use super::target::is_left_out;
use crate::capture::capture_logged;
use crate::{Breadcrumb, Level, ToValue, add_breadcrumb, capture_error};

/// Lets pass what the layer is for.
pub(super) struct Only(pub(super) Layers);

impl Only {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.0.most() && !is_left_out(metadata.target(), &self.0.except)
    }
}

impl<S> Filter<S> for Only {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.wants(metadata)
    }
    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.most())
    }
}

/// Makes of events what the settings say.
pub(super) struct Events(pub(super) Layers);

thread_local! {
    /// Whether an event is being told of: what that gives rise to is not told of.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

impl<S: Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if crate::delivery::muted() || !Hub::with_active(|_| true) || TELLING.replace(true) {
            return;
        }
        struct Told;
        impl Drop for Told {
            fn drop(&mut self) {
                TELLING.set(false);
            }
        }
        let _told = Told;
        // A field's `Debug` is the program's: the line that it logs must not end with a panic for our sake.
        let _ = catch_unwind(AssertUnwindSafe(|| self.tell(event)));
    }
}

impl Events {
    fn tell(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut said = Said::default();
        event.record(&mut said);
        let target = said.log_target.take();
        let target = target.as_deref().unwrap_or(metadata.target());
        if is_left_out(target, &self.0.except) {
            return;
        }
        let level = *metadata.level();
        if level <= self.0.errors {
            report(event, &said, target);
        }
        #[cfg(feature = "logs")]
        if level <= self.0.logs {
            log(&said, metadata, target);
        }
        if level <= self.0.breadcrumbs {
            add_breadcrumb(|| Breadcrumb {
                ty: if level == tracing_core::Level::ERROR { "error" } else { "log" }.into(),
                category: Some(target.to_owned()),
                level: level_of(level),
                message: Some(said.message),
                data: said.fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
                ..Breadcrumb::default()
            });
        }
    }
}

/// Reports the error that the event has, or else what it says.
fn report(event: &Event<'_>, said: &Said, target: &str) {
    let level = level_of(*event.metadata().level());
    if said.has_error {
        event.record(&mut FirstError(Some(|error: &(dyn std::error::Error + 'static)| {
            let mut fields = vec![("message", said.message.to_value()), ("logger", target.to_value())];
            fields.extend(said.fields.iter().cloned());
            capture_error(error).level(level).context(("log", fields)).send();
        })));
        return;
    }
    let report = capture_logged(said.message.clone(), level).logger(target);
    said.fields.iter().fold(report, |report, (key, value)| report.field(*key, value.clone())).send();
}

#[cfg(feature = "logs")]
fn log(said: &Said, metadata: &Metadata<'_>, target: &str) {
    use sentry_core::protocol::{Log, LogAttribute, LogLevel, Value};
    let level = match *metadata.level() {
        tracing_core::Level::ERROR => LogLevel::Error,
        tracing_core::Level::WARN => LogLevel::Warn,
        tracing_core::Level::INFO => LogLevel::Info,
        tracing_core::Level::DEBUG => LogLevel::Debug,
        _ => LogLevel::Trace,
    };
    let own = [
        ("sentry.origin", Some("auto.log.tracing".into())),
        ("logger.name", Some(Value::from(target))),
        ("code.file.path", metadata.file().map(Value::from)),
        ("code.line.number", metadata.line().map(Value::from)),
    ];
    let attributes = own
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .chain(said.fields.iter().filter(|(_, value)| !value.is_null()).cloned())
        .map(|(key, value)| (key.to_owned(), LogAttribute(value)))
        .collect();
    Hub::current().capture_log(Log {
        level,
        body: said.message.clone(),
        trace_id: None,
        timestamp: std::time::SystemTime::now(),
        severity_number: None,
        attributes,
    });
}

fn level_of(level: tracing_core::Level) -> Level {
    match level {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warning,
        tracing_core::Level::INFO => Level::Info,
        _ => Level::Debug,
    }
}
