//! What is kept of a request: handles on what the request itself shares, copied only for what is sent.

use std::borrow::Cow;
use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HOST, HeaderValue};
use actix_web::http::{Method, Uri};

use crate::integrations::web::{Facts, Seen, Settings};

#[derive(Debug)]
pub(super) struct Head {
    method: Method,
    uri: Uri,
    is_secure: bool,
    host: Option<HeaderValue>,
    client: Option<IpAddr>,
    headers: Vec<(String, HeaderValue)>,
}

impl Head {
    pub(super) fn new(request: &ServiceRequest, settings: &Settings, client: Option<IpAddr>) -> Self {
        let headers =
            settings.headers().filter_map(|name| Some((name.to_owned(), request.headers().get(name)?.clone())));
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            is_secure: request.app_config().secure(),
            host: request.headers().get(HOST).cloned(),
            client,
            headers: headers.collect(),
        }
    }
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
            scheme: self.uri.scheme_str().unwrap_or(if self.is_secure { "https" } else { "http" }).into(),
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
