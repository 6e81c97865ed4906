//! One request under way, from its first poll to its answer.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use sentry_core::{Hub, TransactionOrSpan};

use super::path;
use super::request::{Facts, Seen};
use super::settings::Settings;
use super::words::{method, time_class};
use crate::capture::is_notice;
use crate::{ErrorReport, Level, Policy, SentryUser, SpanBuilder, SpanStatus, TraceHeaders, UserFields, current_span};

/// The category of answers that nobody knows more of.
const CATEGORY: &str = "http";

/// What a handler has failed with, as it can be reported.
pub(in crate::integrations) trait Failure {
    fn report(&self) -> ErrorReport<'_>;
    /// What the error's type says of it.
    fn policy(&self) -> Policy {
        Policy::default()
    }
}

/// A user that was found before there was a scope to tell.
#[derive(Debug)]
pub(in crate::integrations) struct Known(UserFields);

impl Known {
    /// What `extract` knows of the user. It is the program's: where it panics, nobody is known.
    pub(in crate::integrations) fn by(extract: impl FnOnce(&mut UserFields)) -> Option<Self> {
        let extracted = catch_unwind(AssertUnwindSafe(|| {
            let mut user = UserFields::default();
            extract(&mut user);
            user
        }));
        extracted.ok().map(Self)
    }
}

impl SentryUser for Known {
    fn fields(&self, user: &mut UserFields) {
        *user = self.0.clone();
    }
}

/// One request under way. Its methods are called inside of its span, but for the first two.
pub(in crate::integrations) struct Exchange {
    settings: Arc<Settings>,
    seen: Arc<dyn Seen>,
    method: &'static str,
    route: Option<Arc<str>>,
    name: String,
    /// What is told instead of the path, where that is sensitive.
    sensitive: Option<Arc<str>>,
    user: Option<Known>,
    /// An error event was captured in the request's scope, by whomever.
    reported: Arc<AtomicBool>,
    started: Instant,
    /// The handler is at work on this thread: what drops the exchange now is its panic.
    pub(in crate::integrations) is_polled: bool,
    /// The request's own, from its beginning to its end.
    hub: Option<Arc<Hub>>,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Exchange {
    /// Of a request for `path`; `route` is its template, where it is known.
    pub(in crate::integrations) fn new(
        settings: Arc<Settings>,
        seen: Arc<dyn Seen>,
        (word, path): (&str, &str),
        route: Option<Arc<str>>,
        user: Option<Known>,
    ) -> Self {
        let method = method(word);
        let sensitive = settings.sensitive_as(path).map(Arc::from);
        let name = match route.as_ref().or(sensitive.as_ref()) {
            Some(route) => format!("{method} {route}"),
            None => format!("{method} {}", path::generalised(path)),
        };
        Self {
            settings,
            seen,
            method,
            route,
            name,
            sensitive,
            user,
            reported: Arc::default(),
            started: Instant::now(),
            is_polled: false,
            hub: None,
        }
    }

    /// The span to be opened for it.
    pub(in crate::integrations) fn span(&self, origin: &'static str, headers: &TraceHeaders) -> SpanBuilder {
        let span = crate::transaction("http.server", self.name.clone()).isolated().origin(origin);
        let span = span.source(if self.route.is_some() { "route" } else { "url" });
        if self.settings.continues { span.continuing_headers(headers) } else { span }
    }

    /// The span has been opened: its scope is told whose request it is and what was asked.
    pub(in crate::integrations) fn begin(&mut self) {
        let hub = Hub::current();
        let span = current_span();
        let facts = span.is_recorded().then(|| told(&*self.seen, self.sensitive.as_deref(), self.route.as_deref()));
        if let Some(facts) = &facts {
            facts.data(|key, value| span.set_field(key, value));
            if let Some(route) = &self.route {
                span.set_field("http.route", &**route);
            }
        }
        let (seen, reported) = (self.seen.clone(), self.reported.clone());
        let (sensitive, route) = (self.sensitive.clone(), self.route.clone());
        hub.configure_scope(|scope| {
            scope.set_transaction(Some(&self.name));
            if let (Some(facts), Some(TransactionOrSpan::Transaction(transaction))) = (&facts, scope.get_span()) {
                transaction.set_request(facts.request());
            }
            scope.add_event_processor(move |mut event| {
                // That a statement was slow, however bad, does not say why the request failed.
                let is_report = event.level >= Level::Error || !event.exception.values.is_empty();
                if is_report && !is_notice(&event) {
                    reported.store(true, Ordering::Relaxed);
                }
                event.request.get_or_insert_with(|| told(&*seen, sensitive.as_deref(), route.as_deref()).request());
                Some(event)
            });
        });
        if let Some(user) = self.user.take() {
            crate::set_user(&user);
        }
        self.tell_parameters();
        #[cfg(feature = "release-health")]
        if counts_requests(&hub) {
            hub.start_session();
        }
        self.hub = Some(hub);
    }

    /// Contexts and tags from the path's parameters.
    fn tell_parameters(&self) {
        if self.settings.contexts.is_empty() || self.sensitive.is_some() {
            return;
        }
        let Some(route) = &self.route else { return };
        let facts = self.seen.facts();
        let found: Vec<_> = self
            .settings
            .contexts
            .iter()
            .filter_map(|(parameter, context)| {
                Some((context, parameter, path::parameter(route, &facts.path, parameter)?))
            })
            .collect();
        for (at, (context, parameter, value)) in found.iter().enumerate() {
            crate::set_tag(&format!("{context}.{parameter}"), value);
            if found[..at].iter().all(|(earlier, ..)| earlier != context) {
                let fields = found.iter().filter(|(other, ..)| other == context);
                crate::add_context((context.to_string(), fields.map(|(_, key, value)| (key.to_string(), &**value))));
            }
        }
    }

    /// The route became known while the request was under way.
    pub(in crate::integrations) fn learn_route(&mut self, route: Arc<str>) {
        if self.route.is_none() {
            self.rename(format!("{} {route}", self.method));
            current_span().set_field("http.route", &*route);
            self.route = Some(route);
        }
    }

    fn rename(&mut self, name: String) {
        self.name = name;
        current_span().rename_transaction(self.name.clone(), "route");
        Hub::current().configure_scope(|scope| scope.set_transaction(Some(&self.name)));
    }

    /// The handler has answered. `failure` is what it has failed with, where it says so.
    pub(in crate::integrations) fn answered(&mut self, status: u16, failure: Option<&dyn Failure>) {
        if self.route.is_none() && matches!(status, 404 | 405) {
            // Whoever looks for holes asks for very many paths.
            self.rename(format!("{} unmatched", self.method));
        }
        let span = current_span();
        span.set_field("http.response.status_code", status);
        // It may be written out by hand, and panic.
        let policy = failure.and_then(|failure| catch_unwind(AssertUnwindSafe(|| failure.policy())).ok());
        let policy = policy.unwrap_or_default();
        // Of an expected error the request is not well, its answer is no success.
        let by_status = Policy::new().with_http(status).span_status();
        span.set_status(policy.status.or(by_status).unwrap_or(SpanStatus::UnknownError));
        let is_failed = self.settings.is_failed(status);
        self.classify_time(is_failed);
        if is_failed {
            let answer = ServerError { name: &self.name, status: Some(status) };
            self.report(failure, &answer, policy);
        }
        self.end(Some(status), None);
    }

    /// The service has failed without an answer.
    pub(in crate::integrations) fn failed(&mut self) {
        current_span().set_status(SpanStatus::InternalError);
        self.classify_time(true);
        self.report(None, &ServerError { name: &self.name, status: None }, Policy::default());
        self.end(None, Some("error"));
    }

    fn classify_time(&self, is_failed: bool) {
        if is_failed || current_span().is_recorded() {
            crate::set_tag("http.time_class", time_class(self.started.elapsed()));
        }
    }

    /// Reports the failure, if nobody has.
    fn report(&self, failure: Option<&dyn Failure>, answer: &ServerError<'_>, policy: Policy) {
        match failure {
            Some(failure) => {
                failure.report().policy(policy).send();
            }
            None if self.reported.load(Ordering::Relaxed) || crate::capture::reported_inside() => {}
            None => {
                let kind = answer.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                crate::capture_error(answer)
                    .category(CATEGORY)
                    .fingerprint(["http.server", &self.name, &kind])
                    .field("status_code", answer.status)
                    .send();
            }
        }
    }

    /// What is counted whether or not anything is recorded.
    fn end(&mut self, status: Option<u16>, error: Option<&'static str>) {
        let Some(hub) = self.hub.take() else { return };
        #[cfg(feature = "metrics")]
        Hub::run(hub.clone(), || {
            let took = self.started.elapsed().as_secs_f64();
            let mut metric = crate::metrics::distribution("http.server.request.duration", took)
                .unit("second")
                .attribute("http.request.method", self.method);
            if let Some(route) = &self.route {
                metric = metric.attribute("http.route", &**route);
            }
            if let Some(status) = status {
                metric = metric.attribute("http.response.status_code", status);
            }
            if let Some(error) = error {
                metric = metric.attribute("error.type", error);
            }
            metric.send();
        });
        #[cfg(feature = "release-health")]
        if counts_requests(&hub) {
            hub.end_session();
        }
        #[cfg(not(all(feature = "metrics", feature = "release-health")))]
        let _ = (hub, status, error);
    }
}

/// The answer will never come: whoever asked has gone away, or the handler has panicked.
impl Drop for Exchange {
    fn drop(&mut self) {
        let error = if self.is_polled || std::thread::panicking() { "panic" } else { "cancelled" };
        self.end(None, Some(error));
    }
}

fn told<'a>(seen: &'a dyn Seen, sensitive: Option<&str>, route: Option<&str>) -> Facts<'a> {
    let facts = seen.facts();
    if sensitive.is_some() { facts.reduced(route.or(sensitive)) } else { facts }
}

/// Whether the client counts each request as a session, as [`Sessions::Request`](crate::config::Sessions) asks for.
#[cfg(feature = "release-health")]
fn counts_requests(hub: &Hub) -> bool {
    hub.client().is_some_and(|client| {
        let options = client.options();
        options.auto_session_tracking && options.session_mode == sentry_core::SessionMode::Request
    })
}

/// An answer that is an error, where nothing more is known of it.
struct ServerError<'a> {
    name: &'a str,
    /// None where there was no answer.
    status: Option<u16>,
}

impl fmt::Debug for ServerError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerError")
    }
}

impl fmt::Display for ServerError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{} answered with {status}", self.name),
            None => write!(f, "{} failed without an answer", self.name),
        }
    }
}

impl std::error::Error for ServerError<'_> {}
