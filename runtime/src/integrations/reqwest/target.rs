//! To whom trace headers may go.

use std::fmt;

use reqwest::Url;

/// Somebody who may be told of the trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A host, with a port where one was said.
    Host {
        host: Box<str>,
        port: Option<u16>,
    },
    /// All hosts below one, itself left out: `*.internal`.
    Below(Box<str>),
    /// Everything that a URL begins with, by whole segments of the path.
    Prefix(Url),
    Everyone,
}

/// A target that names nobody: see [`Middleware::propagate_to`](super::Middleware::propagate_to).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidTarget(Box<str>);

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no target for trace headers: expected a host (`api.internal`, `localhost:8080`, `*.internal`), a URL to begin \
             with (`https://api.example.com/v1/`), or `*`",
            self.0
        )
    }
}

impl std::error::Error for InvalidTarget {}

impl Target {
    pub(super) fn parse(pattern: &str) -> Result<Self, InvalidTarget> {
        let invalid = || InvalidTarget(pattern.into());
        if pattern == "*" {
            return Ok(Self::Everyone);
        }
        if pattern.contains("://") {
            let url = Url::parse(pattern).map_err(|_| invalid())?;
            let is_plain =
                url.has_host() && url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
            return if is_plain { Ok(Self::Prefix(url)) } else { Err(invalid()) };
        }
        let (below, authority) = match pattern.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        // Read as a URL's, so that it is written as a URL's: small letters, brackets, punycode.
        let url = Url::parse(&format!("http://{authority}/")).map_err(|_| invalid())?;
        let host = url.host_str().filter(|host| !host.contains('*')).ok_or_else(invalid)?;
        let is_bare =
            url.path() == "/" && url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
        match (is_bare, below, port_of(authority)) {
            (true, true, None) => Ok(Self::Below(format!(".{host}").into())),
            (true, false, port) => Ok(Self::Host { host: host.into(), port }),
            _ => Err(invalid()),
        }
    }

    pub(super) fn is(&self, url: &Url) -> bool {
        match self {
            Self::Everyone => true,
            Self::Host { host, port } => {
                url.host_str() == Some(host) && port.is_none_or(|port| url.port_or_known_default() == Some(port))
            }
            Self::Below(suffix) => {
                url.host_str().is_some_and(|host| host.len() > suffix.len() && host.ends_with(&**suffix))
            }
            Self::Prefix(prefix) => prefix.origin() == url.origin() && is_below(prefix.path(), url.path()),
        }
    }
}

/// The port as it was written: a URL forgets that which is usual.
fn port_of(authority: &str) -> Option<u16> {
    let (_, port) = authority.rsplit_once(':')?;
    port.parse().ok()
}

fn is_below(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_meant() {
        for (pattern, meant, not_meant) in [
            (
                "api.internal",
                vec!["http://api.internal/x", "https://API.internal:8443/"],
                vec![
                    "http://api.internal.evil.test/",
                    "http://evil.test/api.internal",
                    "http://xapi.internal/",
                    "http://api.internal@evil.test/",
                ],
            ),
            ("localhost:8080", vec!["http://localhost:8080/"], vec!["http://localhost/", "http://localhost:8081/"]),
            (
                "*.internal",
                vec!["http://a.internal/", "http://a.b.internal/"],
                vec!["http://internal/", "http://ainternal/", "http://internal.evil.test/"],
            ),
            (
                "https://api.test/v1",
                vec!["https://api.test/v1", "https://api.test:443/v1/users"],
                vec![
                    "https://api.test/v10",
                    "http://api.test/v1",
                    "https://api.test/",
                    "https://api.test:8443/v1",
                    "https://api.test/v1/../v2",
                ],
            ),
            ("https://api.test/v1/", vec!["https://api.test/v1/users"], vec!["https://api.test/v1"]),
            ("[::1]:80", vec!["http://[::1]/"], vec!["http://[::2]/"]),
            ("*", vec!["http://anyone.test/"], vec![]),
        ] {
            let target = Target::parse(pattern).expect(pattern);
            for url in meant {
                assert!(target.is(&Url::parse(url).expect(url)), "{pattern} {url}");
            }
            for url in not_meant {
                assert!(!target.is(&Url::parse(url).expect(url)), "{pattern} {url}");
            }
        }
    }

    #[test]
    fn who_is_nobody() {
        for pattern in [
            "",
            "https://",
            "a b",
            "*.*",
            "*.a:80",
            "user@host",
            "host/path",
            "https://u@host/",
            "https://host/?q",
            "a*b",
        ] {
            let error = Target::parse(pattern).expect_err(pattern);
            assert!(error.to_string().contains(pattern));
        }
    }
}
