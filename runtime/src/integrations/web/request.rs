//! What is told of a request.

use std::borrow::Cow;
use std::net::IpAddr;
use std::panic::RefUnwindSafe;

use sentry_core::protocol::{Request, Value};

use super::path::generalised;

/// A request that was seen by a framework's integration: what may be asked about it later, kept as cheaply as the framework can.
pub(in crate::integrations) trait Seen: Send + Sync + RefUnwindSafe + 'static {
    /// What can be told of it. Called for events and for transactions that are sent, so rarely.
    fn facts(&self) -> Facts<'_>;
}

/// What can be told of a request. Bodies and cookies are not among it.
#[derive(Debug, Clone, Default)]
pub(in crate::integrations) struct Facts<'a> {
    pub(in crate::integrations) method: Cow<'a, str>,
    pub(in crate::integrations) scheme: Cow<'a, str>,
    pub(in crate::integrations) host: Option<Cow<'a, str>>,
    pub(in crate::integrations) path: Cow<'a, str>,
    pub(in crate::integrations) query: Option<Cow<'a, str>>,
    /// Only where personal data may be sent.
    pub(in crate::integrations) client: Option<IpAddr>,
    pub(in crate::integrations) headers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl Facts<'_> {
    /// Nothing but which route it was.
    pub(super) fn reduced(self, route: Option<&str>) -> Facts<'static> {
        Facts {
            method: Cow::Owned(self.method.into_owned()),
            scheme: Cow::Owned(self.scheme.into_owned()),
            host: self.host.map(|host| Cow::Owned(host.into_owned())),
            path: Cow::Owned(route.map_or_else(|| generalised(&self.path), str::to_owned)),
            ..Facts::default()
        }
    }

    /// The request as events and transactions have it.
    pub(super) fn request(&self) -> Request {
        let host = self.host.as_deref().unwrap_or("localhost");
        Request {
            url: format!("{}://{host}{}", self.scheme, self.path).parse().ok(),
            method: Some(self.method.clone().into_owned()),
            query_string: self.query.as_deref().map(str::to_owned),
            headers: self.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            env: self.client.iter().map(|client| ("REMOTE_ADDR".to_owned(), client.to_string())).collect(),
            ..Request::default()
        }
    }

    /// The data of the span, by the names of
    /// [Sentry's conventions](https://getsentry.github.io/sentry-conventions/attributes/).
    pub(super) fn data(&self, mut set: impl FnMut(&'static str, Value)) {
        set("http.request.method", self.method.as_ref().into());
        set("url.scheme", self.scheme.as_ref().into());
        set("url.path", self.path.as_ref().into());
        if let Some(query) = self.query.as_deref().filter(|query| !query.is_empty()) {
            set("url.query", query.into());
        }
        if let Some(host) = &self.host {
            let (name, port) = name_and_port(host);
            set("server.address", name.into());
            if let Some(port) = port {
                set("server.port", port.into());
            }
        }
        if let Some(client) = self.client {
            set("client.address", client.to_string().into());
        }
        if let Some((_, agent)) = self.headers.iter().find(|(name, _)| name == "user-agent") {
            set("user_agent.original", agent.as_ref().into());
        }
    }
}

/// `example.com:8080`, `[::1]:8080`
fn name_and_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (host, None),
        },
        _ => (host, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts<'static> {
        Facts {
            method: "GET".into(),
            scheme: "http".into(),
            host: Some("shop.test:8080".into()),
            path: "/users/anna".into(),
            query: Some("page=2".into()),
            client: "192.0.2.7".parse().ok(),
            headers: vec![("user-agent".into(), "curl/8".into())],
        }
    }

    fn told(facts: &Facts<'_>) -> Vec<String> {
        let mut told = Vec::new();
        facts.data(|key, value| told.push(format!("{key}={value}")));
        told
    }

    #[test]
    fn what_is_told() {
        let request = facts().request();
        assert_eq!(request.url.map(String::from).as_deref(), Some("http://shop.test:8080/users/anna"));
        assert_eq!(request.query_string.as_deref(), Some("page=2"));
        assert_eq!(request.headers["user-agent"], "curl/8");
        assert_eq!(request.env["REMOTE_ADDR"], "192.0.2.7");
        assert_eq!(
            told(&facts()),
            [
                r#"http.request.method="GET""#,
                r#"url.scheme="http""#,
                r#"url.path="/users/anna""#,
                r#"url.query="page=2""#,
                r#"server.address="shop.test""#,
                "server.port=8080",
                r#"client.address="192.0.2.7""#,
                r#"user_agent.original="curl/8""#,
            ]
        );
    }

    #[test]
    fn of_a_sensitive_route_the_route_alone() {
        let reduced = facts().reduced(Some("/users/{name}"));
        assert!(!format!("{reduced:?}").contains("anna"));
        assert_eq!(
            told(&reduced)[..3],
            [r#"http.request.method="GET""#, r#"url.scheme="http""#, r#"url.path="/users/{name}""#]
        );
        assert!(reduced.request().headers.is_empty() && reduced.request().query_string.is_none());
    }

    #[test]
    fn hosts() {
        assert_eq!(name_and_port("a.test"), ("a.test", None));
        assert_eq!(name_and_port("[::1]:80"), ("[::1]", Some(80)));
        assert_eq!(name_and_port("[::1]"), ("[::1]", None));
    }
}
