//! Outgoing HTTP of reqwest: a span a request, and the trace's headers for those who may have them.
//!
//! With `reqwest-middleware`, once for all requests of a client:
//! ```no_run
//! use reqwest_middleware::ClientBuilder;
//! use watchpost::reqwest::{Middleware, UrlTemplate};
//!
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let monitored = Middleware::new().propagate_to("*.internal")?.propagate_to("https://api.example.com/v1/")?;
//! let client = ClientBuilder::new(reqwest::Client::new()).with(monitored).build();
//! // Below an open span: `http.client`, described as `GET https://users.internal/users/{id}`.
//! let user = client.get("https://users.internal/users/17").with_extension(UrlTemplate::new("/users/{id}")).send().await?;
//! # Ok(()) }
//! ```
//! With reqwest alone, a request at a time:
//! ```no_run
//! use watchpost::reqwest::RequestBuilderExt;
//!
//! # async fn f(client: reqwest::Client) -> reqwest::Result<()> {
//! let answer = client.get("https://api.example.com/v1/slots").send_monitored().await?;
//! # Ok(()) }
//! ```
//!
//! # What is recorded
//! A child of the span that is open; nothing where none is. It ends when the head of the answer is there: the body is read by the
//! program, never here.
//!
//! | attribute | what |
//! |---|---|
//! | `http.request.method` | the method |
//! | `url.full` | scheme, host, port and path: user, password, query and fragment stay in the program |
//! | `url.template` | the path's template, where the program gives one |
//! | `server.address`, `server.port` | the host, and the port where it is not the usual one |
//! | `http.request.body.size`, `http.response.body.size` | in bytes, where they are known beforehand |
//! | `http.response.status_code` | the status; the span's own follows Sentry's table (404: `not_found`, 503: `unavailable` ..) |
//! | `http.request.resend_count` | of a request that is sent again: the how manieth time |
//! | `error.type` | why there is no answer: `timeout`, `connect`, `redirect`, `request`, `body`, `builder`, `middleware` |
//!
//! The span is described by method and URL, in whose path numbers, UUIDs, long hexadecimal words and addresses are `*`: calls of a kind
//! share a name. A template ([`UrlTemplate`], [`Middleware::template`]) takes the place of the path. Each request also leaves a breadcrumb.
//!
//! # Trace headers
//! `sentry-trace`, `baggage` and `traceparent` go to nobody unless [`propagate_to`](Middleware::propagate_to) says so: a trace id tells
//! third parties which requests belong together. Headers that the program set itself stand; its baggage is kept in front of ours.
//! reqwest follows redirects below of this, and takes the headers along, as it does with all but a few: a server that is trusted
//! can so pass them on to another.
//!
//! # Retries
//! Where this stands inside of a middleware that sends again, each attempt is a span with its `http.request.resend_count`. Where it stands
//! outside, all are one. Standing on both sides, the attempts are children of the whole.
//!
//! # Errors
//! Nothing is reported from here, neither a refused connection nor a status: whether that is an error is for the program to say, with
//! `#[capture_errors]` on what returns it. The text of a `reqwest::Error` has the URL with its query in it: secrets are redacted
//! from that on their way out, `reqwest::Error::without_url` leaves it out altogether.
//!
//! For reqwest 0.13 and reqwest-middleware 0.5. A future that is dropped before its end is a cancelled request.

mod exchange;
mod target;
mod url;

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, RequestBuilder, Response};
use reqwest_middleware::Next;

use exchange::{Exchange, Trail};
pub use target::InvalidTarget;
use target::Target;

/// What is done with outgoing requests; see the [module](self). It is a middleware of `reqwest-middleware`, and what
/// [`RequestBuilderExt::send_monitored_by`] takes.
#[derive(Debug, Clone, Default)]
pub struct Middleware {
    targets: Arc<[Target]>,
    template: Option<UrlTemplate>,
}

impl Middleware {
    /// A span for each request, trace headers for nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trace headers also for these: a host (`api.internal`, `localhost:8080`), all hosts below one (`*.internal`), what begins with a URL
    /// (`https://api.example.com/v1`, by whole segments of its path), or everybody (`*`).
    ///
    /// ```
    /// use watchpost::reqwest::Middleware;
    ///
    /// assert!(Middleware::new().propagate_to("api.internal").is_ok());
    /// assert!(Middleware::new().propagate_to("api.internal/users").is_err());
    /// ```
    ///
    /// # Errors
    /// A pattern that is none of these.
    pub fn propagate_to(mut self, target: &str) -> Result<Self, InvalidTarget> {
        let target = Target::parse(target)?;
        self.targets = self.targets.iter().cloned().chain([target]).collect();
        Ok(self)
    }

    /// The same for requests of which this is the path's template: `/users/{id}`. For requests of reqwest alone; with
    /// `reqwest-middleware` a request carries its [`UrlTemplate`].
    #[must_use]
    pub fn template(&self, template: impl Into<Cow<'static, str>>) -> Self {
        Self { targets: self.targets.clone(), template: Some(UrlTemplate::new(template)) }
    }

    fn may_know(&self, url: &reqwest::Url) -> bool {
        self.targets.iter().any(|target| target.is(url))
    }
}

#[async_trait]
impl reqwest_middleware::Middleware for Middleware {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let template = extensions.get::<UrlTemplate>().cloned();
        let trail = extensions.get_or_insert_default::<Trail>();
        let exchange =
            Exchange { by: self, template: template.as_ref().or(self.template.as_ref()), sent: trail.begin() };
        let result = exchange
            .run(request, |request, injected| {
                if injected {
                    extensions.get_or_insert_default::<Trail>().has_our_headers = true;
                }
                let extensions = &mut *extensions;
                next.run(request, extensions)
            })
            .await;
        extensions.get_or_insert_default::<Trail>().end();
        result
    }
}

/// The template of a request's path, `/users/{id}`: an extension of requests of `reqwest-middleware`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlTemplate(Cow<'static, str>);

impl UrlTemplate {
    /// The template.
    pub fn new(template: impl Into<Cow<'static, str>>) -> Self {
        Self(template.into())
    }
}

/// Sends a request of reqwest with a span.
pub trait RequestBuilderExt: Sized {
    /// As `send`, with a span and without trace headers.
    ///
    /// # Errors
    /// Those of `send`.
    fn send_monitored(self) -> impl Future<Output = reqwest::Result<Response>> + Send;

    /// As `send`, with a span, and with trace headers for those whom `by` names.
    ///
    /// ```no_run
    /// use watchpost::reqwest::{Middleware, RequestBuilderExt};
    ///
    /// # async fn f(client: reqwest::Client, monitored: Middleware) -> reqwest::Result<()> {
    /// let user = client.get("https://users.internal/users/17").send_monitored_by(&monitored.template("/users/{id}")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Those of `send`.
    fn send_monitored_by(self, by: &Middleware) -> impl Future<Output = reqwest::Result<Response>> + Send;
}

impl RequestBuilderExt for RequestBuilder {
    async fn send_monitored(self) -> reqwest::Result<Response> {
        self.send_monitored_by(&Middleware::new()).await
    }

    async fn send_monitored_by(self, by: &Middleware) -> reqwest::Result<Response> {
        let (client, request) = self.build_split();
        let exchange = Exchange { by, template: by.template.as_ref(), sent: exchange::Sent::default() };
        exchange.run(request?, |request, _| client.execute(request)).await
    }
}
