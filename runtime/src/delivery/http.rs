//! One envelope, one request, one answer.

use std::env;
use std::io::ErrorKind;
use std::time::{Duration, SystemTime};

use sentry_core::types::{Dsn, Scheme};
use sentry_core::{TransportOptions, sentry_debug};
use ureq::http::Response;
use ureq::tls::{TlsConfig, TlsProvider};
use ureq::{Agent, Body, Error, Proxy, Timeout};

use super::limits::seconds;

/// Connecting, name resolution and TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// The whole exchange. A server that hangs holds up what waits behind the envelope, not the program.
const EXCHANGE: Duration = Duration::from_secs(30);
/// An answer is a few words; more is not read.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Where envelopes go, over one connection kept open.
#[derive(Debug)]
pub(super) struct Http {
    agent: Agent,
    url: String,
    auth: Option<String>,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A status, whole or not what followed it.
    Status { code: u16, rate_limits: Option<String>, retry_after: Option<Duration> },
    /// No byte of the envelope was sent.
    NotSent,
    /// It was sent, wholly or in part, and no status came back.
    Unanswered,
}

impl Http {
    /// The server of a DSN, by the client's options.
    pub(super) fn server(options: &TransportOptions) -> Self {
        let url = options.dsn.envelope_api_url().to_string();
        let proxy = proxy(options);
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .disable_verification(options.accept_invalid_certs)
            .build();
        let config = Agent::config_builder().tls_config(tls).proxy(proxy);
        let auth = options.dsn.to_auth(Some(&options.user_agent)).to_string();
        Self { agent: timed(config, CONNECT, EXCHANGE).build().new_agent(), url, auth: Some(auth) }
    }

    /// A server on this machine, without a proxy.
    pub(super) fn local(url: String, patience: Duration) -> Self {
        let config = Agent::config_builder().proxy(None);
        Self { agent: timed(config, patience, patience).build().new_agent(), url, auth: None }
    }

    pub(super) fn post(&self, envelope: &[u8]) -> Answer {
        let mut request = self.agent.post(&self.url).header("Content-Type", "application/x-sentry-envelope");
        if let Some(auth) = &self.auth {
            request = request.header("X-Sentry-Auth", auth);
        }
        match request.send(envelope) {
            Ok(mut response) => {
                let answer = Answer::Status {
                    code: response.status().as_u16(),
                    rate_limits: header(&response, "x-sentry-rate-limits").map(str::to_owned),
                    retry_after: header(&response, "retry-after").and_then(wait),
                };
                // Read to the end so that the connection can be used again; what it says decides nothing.
                match response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec() {
                    Ok(body) => sentry_debug!("answer {}: {}", response.status(), String::from_utf8_lossy(&body)),
                    Err(error) => sentry_debug!("answer {}, cut off: {error}", response.status()),
                }
                answer
            }
            Err(error) => {
                sentry_debug!("envelope not delivered: {error}");
                match error {
                    Error::Timeout(Timeout::Resolve | Timeout::Connect)
                    | Error::HostNotFound
                    | Error::ConnectionFailed
                    | Error::ConnectProxyFailed(_)
                    | Error::InvalidProxyUrl
                    | Error::BadUri(_)
                    | Error::Tls(_)
                    | Error::Rustls(_)
                    | Error::TlsRequired => Answer::NotSent,
                    Error::Io(error) if unreachable(error.kind()) => Answer::NotSent,
                    _ => Answer::Unanswered,
                }
            }
        }
    }
}

/// Errors that a connection ends with before anything is sent over it.
fn unreachable(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable
            | ErrorKind::PermissionDenied
    )
}

type Configured = ureq::config::ConfigBuilder<ureq::typestate::AgentScope>;

fn timed(config: Configured, connect: Duration, exchange: Duration) -> Configured {
    config
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(connect))
        .timeout_resolve(Some(connect))
        .timeout_global(Some(exchange))
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// `Retry-After`: seconds or a date. What is neither asks for the default, a minute.
fn wait(text: &str) -> Option<Duration> {
    seconds(text).or_else(|| {
        let date = httpdate::parse_http_date(text.trim()).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    })
}

/// The proxy on the way to a DSN's server: the one given for its scheme, else that of `HTTPS_PROXY` or `HTTP_PROXY`, in
/// capitals or small letters, unless `NO_PROXY` names the host. An https server is reached through the proxy for http
/// where there is no other, as the SDK does it.
///
/// ```
/// let dsn = "https://key@sentry.example.com/42".parse().unwrap();
/// let proxy = watchpost::delivery::proxy_for(&dsn, None, Some("http://proxy.example.com:3128"));
/// assert_eq!(proxy.as_deref(), Some("http://proxy.example.com:3128"));
/// ```
pub fn proxy_for(dsn: &Dsn, http: Option<&str>, https: Option<&str>) -> Option<String> {
    let given = |option: Option<&str>, variable: &str| {
        option.map(str::to_owned).or_else(|| {
            [variable.to_ascii_uppercase(), variable.to_owned()]
                .into_iter()
                .find_map(|name| env::var(name).ok())
                .filter(|value| !value.is_empty())
        })
    };
    let url = if dsn.scheme() == Scheme::Https { given(https, "https_proxy") } else { None }
        .or_else(|| given(http, "http_proxy"))?;
    let exempt = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| env::var(name).ok()).unwrap_or_default();
    (!exempted(dsn.host(), &exempt)).then_some(url)
}

fn proxy(options: &TransportOptions) -> Option<Proxy> {
    let url = proxy_for(&options.dsn, options.http_proxy.as_deref(), options.https_proxy.as_deref())?;
    match Proxy::new(&url) {
        Ok(proxy) => Some(proxy),
        Err(error) => {
            // The address may hold a password: it is not named.
            sentry_debug!("the proxy's address cannot be used: {error}");
            None
        }
    }
}

/// Whether `NO_PROXY` names the host: itself, a domain above it, or `*`.
fn exempted(host: &str, list: &str) -> bool {
    let host = host.to_ascii_lowercase();
    list.split(',').map(|entry| entry.trim().to_ascii_lowercase()).filter(|entry| !entry.is_empty()).any(|entry| {
        let domain = entry.trim_start_matches('*').trim_start_matches('.');
        entry == "*"
            || host == domain
            || (!domain.is_empty() && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_names_hosts_and_domains() {
        for (host, list, expected) in [
            ("sentry.example.com", "example.com", true),
            ("sentry.example.com", "foo, .example.com", true),
            ("sentry.example.com", "*.EXAMPLE.com", true),
            ("localhost", "localhost,127.0.0.1", true),
            ("anything", "*", true),
            ("badexample.com", "example.com", false),
            ("example.com", "sentry.example.com", false),
            ("example.com", " ,,", false),
        ] {
            assert_eq!(exempted(host, list), expected, "{host} in {list}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(wait("60"), Some(Duration::from_secs(60)));
        assert_eq!(wait(" 1.2 "), Some(Duration::from_secs(2)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("later"), None);
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
        assert!(wait(&soon).is_some_and(|wait| wait > Duration::from_secs(90)));
    }
}
