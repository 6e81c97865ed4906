//! actix-web: one middleware that does everything for a request.
//!
//! ```
//! use actix_web::{App, HttpResponse, web};
//! use watchpost::actix_web::Monitor;
//!
//! let app = App::new()
//!     .wrap(Monitor::new())
//!     .route("/users/{id}", web::get().to(|| async { HttpResponse::Ok().body("a user") }));
//! # let _ = app;
//! ```
//!
//! It does what `watchpost::axum` documents of its layer: a transaction `GET /users/{id}` in a scope of its own, with
//! user, request and status; the error that a handler has returned, once; a metric, a session. A request for which there is no
//! resource is `GET unmatched`.
//!
//! Wrap the `App`: inside of a scope or a resource it does the same for less. Wrapped twice, the outermost does the work.

mod seen;
mod service;

use std::fmt;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::Error;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
#[cfg(feature = "jwt")]
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
pub use service::MonitorService;

use super::web::{Settings, common_words};
use crate::{SentryUser, UserFields};

/// The middleware; see [the module](self).
#[derive(Clone, Default)]
pub struct Monitor {
    settings: Arc<Settings>,
    user: Option<Arc<dyn UserExtractor>>,
    client: Option<Arc<ClientAddress>>,
}

type ClientAddress = dyn Fn(&ServiceRequest) -> Option<IpAddr> + Send + Sync;

/// Knows from the head of a request who asks: any closure that returns a [`SentryUser`] or an `Option` of one, or
/// `JwtUser` with the feature `jwt`. It is called once a request, before the handler: it must not block. Where it panics,
/// nobody is known.
pub trait UserExtractor: Send + Sync + 'static {
    /// Tells `user` what is known.
    fn extract(&self, request: &ServiceRequest, user: &mut UserFields);
}

impl<F, U> UserExtractor for F
where
    F: Fn(&ServiceRequest) -> U + Send + Sync + 'static,
    U: SentryUser,
{
    fn extract(&self, request: &ServiceRequest, user: &mut UserFields) {
        self(request).fields(user);
    }
}

#[cfg(feature = "jwt")]
impl<C: SentryUser + serde::de::DeserializeOwned + 'static> UserExtractor for crate::jwt::JwtUser<C> {
    fn extract(&self, request: &ServiceRequest, user: &mut UserFields) {
        let header = request.headers().get(AUTHORIZATION);
        self.user_of_header(header.map(HeaderValue::as_bytes), user);
    }
}

impl Monitor {
    /// With what is safe for everyone: no user, no address.
    pub fn new() -> Self {
        Self::default()
    }

    /// Who asks; see [`UserExtractor`].
    ///
    /// ```
    /// use actix_web::dev::ServiceRequest;
    /// use watchpost::SentryUser;
    /// use watchpost::actix_web::Monitor;
    ///
    /// #[derive(SentryUser)]
    /// struct Tenant {
    ///     #[user(id)]
    ///     id: String,
    /// }
    /// let monitor = Monitor::new().user(|request: &ServiceRequest| {
    ///     let id = request.headers().get("x-tenant")?.to_str().ok()?;
    ///     Some(Tenant { id: id.to_owned() })
    /// });
    /// ```
    #[must_use]
    pub fn user(mut self, extractor: impl UserExtractor) -> Self {
        self.user = Some(Arc::new(extractor));
        self
    }

    /// Where the client's address is found, `|request| request.peer_addr().map(|peer| peer.ip())` for one. It is asked, and the address
    /// told, only where the client's option `send_default_pii` is on.
    #[must_use]
    pub fn client_address(mut self, found: impl Fn(&ServiceRequest) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        self.client = Some(Arc::new(found));
        self
    }

    common_words!();
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<S, B> Transform<S, ServiceRequest> for Monitor
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = MonitorService<S>;
    type InitError = ();
    type Future = Ready<Result<MonitorService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(MonitorService::new(inner, self.clone())))
    }
}
