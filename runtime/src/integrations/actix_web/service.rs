//! The service that the middleware makes.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage};
use futures_util::future::{Either, LocalBoxFuture};
use sentry_core::Hub;

use super::Monitor;
use super::seen::Head;
use crate::integrations::web::{Exchange, Failure, Known};
use crate::{ErrorReport, TraceHeaders, capture_error};

const ORIGIN: &str = "auto.http.actix_web";

/// A service whose requests are monitored; see [the module](super).
#[derive(Debug)]
pub struct MonitorService<S> {
    inner: S,
    monitor: Monitor,
}

impl<S> MonitorService<S> {
    pub(super) fn new(inner: S, monitor: Monitor) -> Self {
        Self { inner, monitor }
    }
}

impl<S, B> Service<ServiceRequest> for MonitorService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = Either<S::Future, LocalBoxFuture<'static, Result<ServiceResponse<B>, Error>>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let Some((exchange, headers)) = self.monitor.begin(&request) else {
            return Either::Left(self.inner.call(request));
        };
        let span = exchange.span(ORIGIN, &headers);
        let answer = answer(self.inner.call(request), exchange);
        Either::Right(Box::pin(span.instrument(answer)))
    }
}

/// The handler's future, inside of the request's span.
async fn answer<B>(
    future: impl Future<Output = Result<ServiceResponse<B>, Error>>,
    mut exchange: Exchange,
) -> Result<ServiceResponse<B>, Error> {
    exchange.begin();
    let answer = future.await;
    let error = match &answer {
        Ok(response) => response.response().error(),
        Err(error) => Some(error),
    };
    let status = match &answer {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let failure = error.map(Returned);
    exchange.answered(status.as_u16(), failure.as_ref().map(|failure| failure as &dyn Failure));
    answer
}

/// What a handler has returned in the place of an answer.
struct Returned<'a>(&'a Error);

impl Failure for Returned<'_> {
    fn report(&self) -> ErrorReport<'_> {
        // Its own type is only that of a box.
        capture_error(self.0 as &dyn std::error::Error)
    }
}

/// Says of a request that it is monitored already.
struct Underway;

impl Monitor {
    /// None where nothing is to be recorded here.
    fn begin(&self, request: &ServiceRequest) -> Option<(Exchange, TraceHeaders)> {
        let client = Hub::current().client().filter(|client| client.is_enabled())?;
        let sends_pii = client.options().send_default_pii;
        let path = request.path();
        if self.settings.skips(path) || request.extensions().contains::<Underway>() {
            return None;
        }
        request.extensions_mut().insert(Underway);
        let client = self.client.as_deref().filter(|_| sends_pii);
        let client = client.and_then(|found| catch_unwind(AssertUnwindSafe(|| found(request))).ok().flatten());
        let user = self.user.as_deref().and_then(|user| Known::by(|fields| user.extract(request, fields)));
        let route = request.match_pattern().map(Arc::from);
        let seen = Arc::new(Head::new(request, &self.settings, client));
        let exchange = Exchange::new(self.settings.clone(), seen, (request.method().as_str(), path), route, user);
        let headers = ["sentry-trace", "baggage", "traceparent"].into_iter().flat_map(|name| {
            request.headers().get_all(name).filter_map(move |value| Some((name, value.to_str().ok()?)))
        });
        Some((exchange, TraceHeaders::from_pairs(headers)))
    }
}
