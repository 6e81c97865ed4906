//! One request and its answer.

use std::future::Future;

use http::{HeaderName, HeaderValue};
use reqwest::{Request, Response, Url};
use sentry_core::Hub;

use super::{Middleware, UrlTemplate, url};
use crate::{Breadcrumb, Level, Policy, SpanBuilder, SpanStatus, TraceHeaders, add_breadcrumb, current_span, span};

/// Who makes the spans.
const ORIGIN: &str = "auto.http.reqwest";

/// What the middlewares of ours in one stack know of each other, and of earlier attempts.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail {
    /// How many of them are around the code that asks.
    depth: usize,
    /// How often each of them was asked to send.
    sent: Vec<u32>,
    /// Whether the trace headers on the request are ours.
    pub(super) has_our_headers: bool,
}

impl Trail {
    pub(super) fn begin(&mut self) -> Sent {
        if self.sent.len() == self.depth {
            self.sent.push(0);
        }
        let before = self.sent[self.depth];
        self.sent[self.depth] += 1;
        self.depth += 1;
        Sent { before, has_our_headers: self.has_our_headers }
    }

    pub(super) fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}

/// What has become of the request before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    /// How often it was sent.
    before: u32,
    has_our_headers: bool,
}

/// A request about to be sent.
pub(super) struct Exchange<'a> {
    pub(super) by: &'a Middleware,
    pub(super) template: Option<&'a UrlTemplate>,
    pub(super) sent: Sent,
}

/// Why there is no answer.
pub(super) trait Failure {
    fn of_reqwest(&self) -> Option<&reqwest::Error>;
}

impl Failure for reqwest::Error {
    fn of_reqwest(&self) -> Option<&reqwest::Error> {
        Some(self)
    }
}

impl Failure for reqwest_middleware::Error {
    fn of_reqwest(&self) -> Option<&reqwest::Error> {
        match self {
            Self::Reqwest(error) => Some(error),
            Self::Middleware(_) => None,
        }
    }
}

impl Exchange<'_> {
    /// Sends the request by `send`, which is told whether trace headers were put on it.
    pub(super) async fn run<E, F>(
        self,
        mut request: Request,
        send: impl FnOnce(Request, bool) -> F,
    ) -> Result<Response, E>
    where
        E: Failure,
        F: Future<Output = Result<Response, E>>,
    {
        if !Hub::with_active(|_| true) {
            return send(request, false).await;
        }
        let (method, url) = (request.method().clone(), request.url().clone());
        if !span::is_wanted() {
            // The decision against this trace is passed on, too.
            let injected = self.inject(&mut request);
            let result = send(request, injected).await;
            leave_crumb(&method, &url, &result);
            return result;
        }
        let span = self.span(&request);
        span.instrument(async {
            // Inside of the span, which is the parent of what the other side does.
            let injected = self.inject(&mut request);
            let result = send(request, injected).await;
            record(&result);
            leave_crumb(&method, &url, &result);
            result
        })
        .await
    }

    fn span(&self, request: &Request) -> SpanBuilder {
        let (method, url) = (request.method().as_str(), request.url());
        let template = self.template.map(|template| &*template.0);
        let name = template.map_or_else(|| url::named(url), |template| url::templated(url, template));
        span("http.client", format!("{method} {name}"))
            .only_as_child()
            .origin(ORIGIN)
            .field("http.request.method", method)
            .field("url.full", url::bare(url))
            .field("url.template", template)
            .field("server.address", url.host_str())
            .field("server.port", url.port())
            .field("http.request.body.size", request.body().and_then(|body| body.as_bytes()).map(<[u8]>::len))
            .field("http.request.resend_count", Some(self.sent.before).filter(|before| *before > 0))
    }

    /// Puts the trace's headers on the request, if they may go there and the program has none there itself.
    fn inject(&self, request: &mut Request) -> bool {
        if !self.by.may_know(request.url()) {
            return false;
        }
        let ours = self.sent.has_our_headers;
        let headers = request.headers_mut();
        if !ours && headers.contains_key("sentry-trace") {
            return false;
        }
        for (name, value) in TraceHeaders::current().iter() {
            let mut values: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
            if name == "baggage" {
                if ours && !values.is_empty() {
                    // It is the trace's, not the span's.
                    continue;
                }
            } else if ours {
                values.clear();
            } else if !values.is_empty() {
                continue;
            }
            values.push(value.as_bytes());
            if let Ok(value) = HeaderValue::from_bytes(&values.join(&b","[..])) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        true
    }
}

/// Says on the request's span what came of it.
fn record<E: Failure>(result: &Result<Response, E>) {
    let span = current_span();
    match result {
        Ok(response) => {
            let status = response.status().as_u16();
            span.set_field("http.response.status_code", status);
            span.set_field("http.response.body.size", response.content_length());
            span.set_status(Policy::new().with_http(status).span_status().unwrap_or(SpanStatus::UnknownError));
        }
        Err(error) => {
            let (kind, status) = kind_of(error);
            span.set_field("error.type", kind);
            span.set_status(status);
        }
    }
}

fn leave_crumb<E: Failure>(method: &http::Method, url: &Url, result: &Result<Response, E>) {
    add_breadcrumb(|| {
        let mut crumb = Breadcrumb { ty: "http".into(), category: Some("http".into()), ..Breadcrumb::default() };
        let data = &mut crumb.data;
        data.insert("method".into(), method.as_str().into());
        data.insert("url".into(), url::bare(url).into());
        match result {
            Ok(response) => {
                let status = response.status();
                data.insert("status_code".into(), status.as_u16().into());
                if status.is_client_error() || status.is_server_error() {
                    crumb.level = Level::Warning;
                }
            }
            Err(error) => {
                data.insert("reason".into(), kind_of(error).0.into());
                crumb.level = Level::Warning;
            }
        }
        crumb
    });
}

/// Why there is no answer. A limit that ran out while connecting is a limit that ran out.
fn kind_of(error: &impl Failure) -> (&'static str, SpanStatus) {
    match error.of_reqwest() {
        None => ("middleware", SpanStatus::InternalError),
        Some(error) if error.is_timeout() => ("timeout", SpanStatus::DeadlineExceeded),
        Some(error) if error.is_connect() => ("connect", SpanStatus::Unavailable),
        Some(error) if error.is_redirect() => ("redirect", SpanStatus::InternalError),
        Some(error) if error.is_builder() => ("builder", SpanStatus::InvalidArgument),
        Some(error) if error.is_body() => ("body", SpanStatus::InternalError),
        Some(_) => ("request", SpanStatus::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_are_counted_by_each_on_its_own() {
        let mut trail = Trail::default();
        assert_eq!(trail.begin().before, 0, "the outer");
        for before in 0..3 {
            assert_eq!(trail.begin().before, before, "the inner");
            trail.end();
        }
        trail.end();
        assert_eq!(trail.begin().before, 1, "the outer, asked again");
    }
}
