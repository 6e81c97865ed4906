//! What is kept of a request: handles on what the request itself shares, copied only for what is sent.

use std::borrow::Cow;
use std::net::IpAddr;

use axum::extract::OriginalUri;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Uri};

use crate::integrations::web::{Facts, Seen, Settings};

#[derive(Debug)]
pub(super) struct Head {
    method: Method,
    uri: Uri,
    host: Option<HeaderValue>,
    client: Option<IpAddr>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Head {
    pub(super) fn new(parts: &Parts, settings: &Settings, client: Option<IpAddr>) -> Self {
        let headers = settings.headers().filter_map(|name| {
            let value = parts.headers.get(name)?;
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value.clone()))
        });
        Self {
            method: parts.method.clone(),
            uri: uri(parts).clone(),
            host: parts.headers.get(HOST).cloned(),
            client,
            headers: headers.collect(),
        }
    }
}

/// The URI as the client sent it: a nested router sees the rest of it alone.
pub(super) fn uri(parts: &Parts) -> &Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0)
}

impl Seen for Head {
    fn facts(&self) -> Facts<'_> {
        let host = self.uri.authority().map(|authority| {
            let whole = authority.as_str();
            whole.rsplit_once('@').map_or(whole, |(_, host)| host)
        });
        let host = host.or_else(|| self.host.as_ref()?.to_str().ok());
        Facts {
            method: self.method.as_str().into(),
            scheme: self.uri.scheme_str().unwrap_or("http").into(),
            host: host.map(Cow::Borrowed),
            path: self.uri.path().into(),
            query: self.uri.query().map(Cow::Borrowed),
            client: self.client,
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (Cow::Borrowed(name.as_str()), String::from_utf8_lossy(value.as_bytes())))
                .collect(),
        }
    }
}
