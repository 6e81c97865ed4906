//! Who asks.

use http::request::Parts;

use crate::{SentryUser, UserFields};

/// Knows from the head of a request who asks: any closure that returns a [`SentryUser`] or an `Option` of one, or
/// [`JwtUser`](crate::jwt::JwtUser) with the feature `jwt`.
///
/// It is called once a request, before the handler, on the thread that serves it: it must not block. What it finds is for Sentry
/// alone; whoever is let in is decided by the application. Where it panics, nobody is known.
///
/// ```
/// use watchpost::SentryUser;
/// use watchpost::axum::MonitorLayer;
///
/// #[derive(SentryUser)]
/// struct Tenant {
///     #[user(id)]
///     id: String,
/// }
/// let layer = MonitorLayer::new().user(|request: &http::request::Parts| {
///     let id = request.headers.get("x-tenant")?.to_str().ok()?;
///     Some(Tenant { id: id.to_owned() })
/// });
/// ```
pub trait UserExtractor: Send + Sync + 'static {
    /// Tells `user` what is known.
    fn extract(&self, request: &Parts, user: &mut UserFields);
}

impl<F, U> UserExtractor for F
where
    F: Fn(&Parts) -> U + Send + Sync + 'static,
    U: SentryUser,
{
    fn extract(&self, request: &Parts, user: &mut UserFields) {
        self(request).fields(user);
    }
}
