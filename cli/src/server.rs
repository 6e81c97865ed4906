//! The server of a DSN, asked so that its answer can be told.

use std::time::Duration;

use sentry_core::types::Dsn;
use ureq::{Agent, Error, Proxy};
use watchpost::Config;

/// An answer is a few words; more is not read.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Where envelopes go.
#[derive(Debug)]
pub(crate) struct Server {
    agent: Agent,
    url: String,
    auth: String,
}

/// What it answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) rate_limits: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    /// The limits that it names.
    pub(crate) fn limits(&self) -> Option<&str> {
        self.rate_limits.as_deref().or(self.retry_after.as_deref())
    }
}

impl Server {
    /// The proxy that a client with this configuration would take.
    pub(crate) fn proxy(dsn: &Dsn, config: Option<&Config>) -> Result<Option<Proxy>, Error> {
        let options = config.map(Config::client_options).unwrap_or_default();
        let (http, https) = (options.http_proxy.as_deref(), options.https_proxy.as_deref());
        watchpost::delivery::proxy_for(dsn, http, https).map(|url| Proxy::new(&url)).transpose()
    }

    /// The server, with at most so much time for each exchange.
    pub(crate) fn of(dsn: &Dsn, proxy: Option<Proxy>, patience: Duration) -> Self {
        let config = Agent::config_builder()
            .proxy(proxy)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // Opening the connection, TLS and the proxy's tunnel included: what hangs there is told apart from what does later.
            .timeout_connect(Some(patience / 2))
            .timeout_global(Some(patience));
        Self {
            agent: config.build().new_agent(),
            url: dsn.envelope_api_url().to_string(),
            auth: dsn.to_auth(Some(concat!("watchpost/", env!("CARGO_PKG_VERSION")))).to_string(),
        }
    }

    /// Posts an envelope.
    pub(crate) fn post(&self, envelope: &[u8]) -> Result<Answer, Error> {
        let request = self
            .agent
            .post(&self.url)
            .header("X-Sentry-Auth", &self.auth)
            .header("Content-Type", "application/x-sentry-envelope");
        let mut response = request.send(envelope)?;
        let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let mut answer = Answer {
            status: response.status().as_u16(),
            rate_limits: header("x-sentry-rate-limits"),
            retry_after: header("retry-after"),
            location: header("location"),
            body: String::new(),
        };
        // An answer that breaks off in its body still has said its status.
        answer.body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string().unwrap_or_default();
        Ok(answer)
    }
}
