//! What a program can say of its requests.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use super::path::Pattern;

/// Probes, scrapers and documentation: nobody looks at their transactions, and there are very many.
const SKIPPED: [&str; 13] = [
    "/health",
    "/health/*",
    "/healthz",
    "/live",
    "/livez",
    "/ready",
    "/readyz",
    "/ping",
    "/metrics",
    "/docs",
    "/docs/*",
    "/redoc",
    "/openapi.json",
];

/// Headers that say something of the request and nothing of who sent it.
const HEADERS: [&str; 6] = ["accept", "content-length", "content-type", "host", "user-agent", "x-request-id"];

/// What a program has said of its requests.
#[derive(Debug, Clone)]
pub(in crate::integrations) struct Settings {
    skipped: Vec<Pattern>,
    sensitive: Vec<Pattern>,
    failed: Vec<RangeInclusive<u16>>,
    headers: Vec<Cow<'static, str>>,
    /// Path parameter, and the context that it becomes a field of.
    pub(super) contexts: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    pub(in crate::integrations) continues: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            skipped: SKIPPED.map(Pattern::new).into(),
            sensitive: Vec::new(),
            failed: vec![500..=599],
            headers: HEADERS.map(Cow::Borrowed).into(),
            contexts: Vec::new(),
            continues: true,
        }
    }
}

impl Settings {
    pub(in crate::integrations) fn skip(&mut self, path: &str) {
        self.skipped.push(Pattern::new(path));
    }

    pub(in crate::integrations) fn skip_only(&mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) {
        self.skipped = paths.into_iter().map(|path| Pattern::new(path.as_ref())).collect();
    }

    pub(in crate::integrations) fn sensitive(&mut self, path: &str) {
        self.sensitive.push(Pattern::new(path));
    }

    pub(in crate::integrations) fn failed(&mut self, statuses: impl IntoIterator<Item = RangeInclusive<u16>>) {
        self.failed = statuses.into_iter().collect();
    }

    pub(in crate::integrations) fn header(&mut self, name: &str) {
        self.headers.push(Cow::Owned(name.to_ascii_lowercase()));
    }

    pub(in crate::integrations) fn path_context(&mut self, parameter: Cow<'static, str>, context: Cow<'static, str>) {
        self.contexts.push((parameter, context));
    }

    /// Whether nothing is recorded of requests for this path.
    pub(in crate::integrations) fn skips(&self, path: &str) -> bool {
        self.skipped.iter().any(|pattern| pattern.matches(path))
    }

    /// What may be told of a path that is sensitive: the pattern that says so.
    pub(super) fn sensitive_as(&self, path: &str) -> Option<String> {
        self.sensitive.iter().find(|pattern| pattern.matches(path)).map(Pattern::shown)
    }

    /// Whether an answer with this status is an error to be reported.
    pub(super) fn is_failed(&self, status: u16) -> bool {
        self.failed.iter().any(|statuses| statuses.contains(&status))
    }

    /// The headers that may be told.
    pub(in crate::integrations) fn headers(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(AsRef::as_ref)
    }
}

/// The words that are the same for every framework: methods of a type that has `settings: Arc<Settings>`.
macro_rules! common_words {
    () => {
        /// Records nothing of requests for this path: as if the layer were not there for them. `{name}` stands for any one segment,
        /// `*` at the end for everything below.
        ///
        /// By default these are skipped: `/health`, `/health/*`, `/healthz`, `/live`, `/livez`, `/ready`, `/readyz`, `/ping`,
        /// `/metrics`, `/docs`, `/docs/*`, `/redoc`, `/openapi.json`.
        #[must_use]
        pub fn skip(mut self, path: &str) -> Self {
            Arc::make_mut(&mut self.settings).skip(path);
            self
        }

        /// Skips these paths and no others: also what is skipped by default is recorded; see [`skip`](Self::skip).
        #[must_use]
        pub fn skip_only(mut self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
            Arc::make_mut(&mut self.settings).skip_only(paths);
            self
        }

        /// Of requests for this path nothing is told but method, host and route: no query, no headers, no address, no path parameters.
        /// For log-ins, password resets, links with a token in the path. `{name}` stands for any one segment, `*` at the end for
        /// everything below.
        #[must_use]
        pub fn sensitive(mut self, path: &str) -> Self {
            Arc::make_mut(&mut self.settings).sensitive(path);
            self
        }

        /// Which statuses of an answer are errors to be reported, if nobody has done so on the way. `500..=599` by default; none with `[]`.
        #[must_use]
        pub fn failed_statuses(mut self, statuses: impl IntoIterator<Item = std::ops::RangeInclusive<u16>>) -> Self {
            Arc::make_mut(&mut self.settings).failed(statuses);
            self
        }

        /// A header that is told, beside `accept`, `content-length`, `content-type`, `host`, `user-agent` and `x-request-id`. Values of
        /// `authorization`, `cookie` and the like are redacted before they leave, whatever is said here.
        #[must_use]
        pub fn header(mut self, name: &str) -> Self {
            Arc::make_mut(&mut self.settings).header(name);
            self
        }

        /// Makes a parameter of the path a field of a context, and the tag `context.parameter`: of `/appointments/{appointment_id}`,
        /// `path_context("appointment_id", "booking")` makes `booking: {"appointment_id": "17"}` and the tag
        /// `booking.appointment_id`. Routes without the parameter are as they were.
        #[must_use]
        pub fn path_context(
            mut self,
            parameter: impl Into<std::borrow::Cow<'static, str>>,
            context: impl Into<std::borrow::Cow<'static, str>>,
        ) -> Self {
            Arc::make_mut(&mut self.settings).path_context(parameter.into(), context.into());
            self
        }

        /// Whether traces are continued that come in with `sentry-trace`, `baggage` or `traceparent`; they are by default. They bring the
        /// sampling decision with them, so a service that strangers call directly may want none of them.
        #[must_use]
        pub fn continue_traces(mut self, continues: bool) -> Self {
            Arc::make_mut(&mut self.settings).continues = continues;
            self
        }
    };
}
pub(in crate::integrations) use common_words;
