//! The handler's own error, on the answer that it became.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{Extensions, StatusCode};

use crate::capture::Reportable;
use crate::integrations::web::Failure;
use crate::{Classify, ErrorReport, Policy, capture_error};

/// The error that an answer was made of, put into the answer's extensions where it is made. Where the answer is one that is
/// reported, [`MonitorLayer`](super::MonitorLayer) reports this very error: its type, its chain, its message. It is
/// reported once: not again where an annotated function has done so.
///
/// ```
/// use axum::response::{IntoResponse, Response};
/// use watchpost::Classify;
/// use watchpost::axum::{HandlerError, status_of};
///
/// #[derive(Debug, Classify)]
/// enum ApiError {
///     #[classify(expected, http = 404)]
///     NotFound,
///     #[classify(category = "database", http = 503)]
///     Database,
/// }
/// # impl std::fmt::Display for ApiError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("no answer") }
/// # }
/// # impl std::error::Error for ApiError {}
///
/// impl IntoResponse for ApiError {
///     fn into_response(self) -> Response {
///         let answer = (status_of(&self), self.to_string());
///         HandlerError::classified(self).attach(answer)
///     }
/// }
/// assert_eq!(ApiError::Database.into_response().status(), 503);
/// ```
#[derive(Clone)]
pub struct HandlerError(Arc<dyn Failure + Send + Sync>);

impl HandlerError {
    /// Any error: a `std::error::Error`, a boxed one, and with the features of that name `anyhow::Error` and `eyre::Report`.
    pub fn new<E, By>(error: E) -> Self
    where
        E: Reportable<By> + Send + Sync + 'static,
        By: 'static,
    {
        Self(Arc::new(Plain(error, PhantomData)))
    }

    /// An error whose type says how it is to be treated: category, level, fingerprint, the span's status, and whether it is reported.
    pub fn classified(error: impl Error + Classify + Send + Sync + 'static) -> Self {
        Self(Arc::new(Classified(error)))
    }

    /// The answer, with the error in its extensions.
    pub fn attach(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        self.insert(response.extensions_mut());
        response
    }

    /// Puts the error into an answer's extensions, where there is no axum to make the answer.
    pub fn insert(self, extensions: &mut Extensions) {
        extensions.insert(self);
    }

    pub(super) fn of(extensions: &Extensions) -> Option<&dyn Failure> {
        extensions.get::<Self>().map(|error| &*error.0 as &dyn Failure)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerError").finish_non_exhaustive()
    }
}

struct Plain<E, By>(E, PhantomData<fn(By)>);

impl<E: Reportable<By>, By> Failure for Plain<E, By> {
    fn report(&self) -> ErrorReport<'_> {
        capture_error(&self.0)
    }
}

struct Classified<E>(E);

impl<E: Error + Classify> Failure for Classified<E> {
    fn report(&self) -> ErrorReport<'_> {
        capture_error(&self.0)
    }
    fn policy(&self) -> Policy {
        self.0.classify()
    }
}

/// The status that the error's type says with `#[classify(http = ..)]`; 500 where it says none.
pub fn status_of(error: &(impl Classify + ?Sized)) -> StatusCode {
    let status = error.classify().http.and_then(|status| StatusCode::from_u16(status).ok());
    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
