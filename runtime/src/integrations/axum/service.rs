//! The service that the layer makes, and the future of an answer.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use axum::extract::MatchedPath;
use http::request::Parts;
use http::{Request, Response};
use sentry_core::Hub;
use tower_service::Service;

use super::MonitorLayer;
use super::error::HandlerError;
use super::seen::{Head, uri};
use crate::TraceHeaders;
use crate::integrations::web::{Exchange, Known};
use crate::span::{Call, Watch};

const ORIGIN: &str = "auto.http.axum";

/// A service whose requests are monitored; see [the module](super).
#[derive(Debug, Clone)]
pub struct MonitorService<S> {
    inner: S,
    layer: MonitorLayer,
}

impl<S> MonitorService<S> {
    pub(super) fn new(inner: S, layer: MonitorLayer) -> Self {
        Self { inner, layer }
    }
}

impl<S, B, R> Service<Request<B>> for MonitorService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture<S::Future> {
        // Where nobody listens a request costs a look at that.
        let client = Hub::current().client().filter(|client| client.is_enabled());
        let Some(sends_pii) = client.map(|client| client.options().send_default_pii) else {
            return ResponseFuture::bare(self.inner.call(request));
        };
        let (mut parts, body) = request.into_parts();
        let begun = self.layer.begin(&mut parts, sends_pii);
        let future = self.inner.call(Request::from_parts(parts, body));
        match begun {
            None => ResponseFuture::bare(future),
            Some(begun) => ResponseFuture::monitored(future, begun),
        }
    }
}

/// The place where an inner layer leaves the template for the outermost one.
#[derive(Debug, Clone, Default)]
struct Template(Arc<OnceLock<Arc<str>>>);

/// A request that is monitored, before it is polled.
struct Begun {
    exchange: Exchange,
    headers: TraceHeaders,
    template: Template,
}

impl MonitorLayer {
    /// None where nothing is to be recorded here.
    fn begin(&self, parts: &mut Parts, sends_pii: bool) -> Option<Begun> {
        let route = parts.extensions.get::<MatchedPath>().map(|matched| Arc::from(matched.as_str()));
        if let Some(outer) = parts.extensions.get::<Template>() {
            if let Some(route) = route {
                let _ = outer.0.set(route);
            }
            return None;
        }
        let path = uri(parts).path();
        if self.settings.skips(path) {
            return None;
        }
        let client = self.client.as_deref().filter(|_| sends_pii);
        let client = client.and_then(|found| catch_unwind(AssertUnwindSafe(|| found(parts))).ok().flatten());
        let user = self.user.as_deref().and_then(|user| Known::by(|fields| user.extract(parts, fields)));
        let seen = Arc::new(Head::new(parts, &self.settings, client));
        let exchange = Exchange::new(self.settings.clone(), seen, (parts.method.as_str(), path), route, user);
        let headers = ["sentry-trace", "baggage", "traceparent"].into_iter().flat_map(|name| {
            parts.headers.get_all(name).iter().filter_map(move |value| Some((name, value.to_str().ok()?)))
        });
        let headers = TraceHeaders::from_pairs(headers);
        let template = Template::default();
        parts.extensions.insert(template.clone());
        Some(Begun { exchange, headers, template })
    }
}

pin_project_lite::pin_project! {
    /// The future of an answer; see [the module](super).
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct ResponseFuture<F> where F: Future {
        #[pin]
        state: State<F>,
    }
}

type Watched<F> = Watch<Answer<F>, fn(Call, &<F as Future>::Output)>;

pin_project_lite::pin_project! {
    #[project = StateProjected]
    #[derive(Debug)]
    enum State<F> where F: Future {
        Bare { #[pin] future: F },
        Monitored { #[pin] future: Watched<F> },
    }
}

impl<F: Future> ResponseFuture<F> {
    fn bare(future: F) -> Self {
        Self { state: State::Bare { future } }
    }
}

impl<F, R, E> ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    fn monitored(future: F, Begun { exchange, headers, template }: Begun) -> Self {
        let span = exchange.span(ORIGIN, &headers);
        let future = Answer { future, request: Box::new(Monitored { exchange, template }), begun: false };
        Self { state: State::Monitored { future: span.instrument(future) } }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match self.project().state.project() {
            StateProjected::Bare { future } => future.poll(cx),
            StateProjected::Monitored { future } => future.poll(cx),
        }
    }
}

pin_project_lite::pin_project! {
    /// The handler's future, inside of the request's span.
    struct Answer<F> {
        #[pin]
        future: F,
        request: Box<Monitored>,
        begun: bool,
    }
}

struct Monitored {
    exchange: Exchange,
    template: Template,
}

impl<F, R, E> Future for Answer<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Monitored { exchange, template } = &mut **this.request;
        if !*this.begun {
            *this.begun = true;
            exchange.begin();
        }
        exchange.is_polled = true;
        let polled = this.future.poll(cx);
        exchange.is_polled = false;
        let answer = ready!(polled);
        if let Some(route) = template.0.get() {
            exchange.learn_route(route.clone());
        }
        match &answer {
            Ok(response) => exchange.answered(response.status().as_u16(), HandlerError::of(response.extensions())),
            Err(_) => exchange.failed(),
        }
        Poll::Ready(answer)
    }
}
