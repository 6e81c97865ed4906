//! What may leave of a URL.

use std::borrow::Cow;

use reqwest::Url;

/// What takes the place of an id in a name.
const ANY: &str = "*";

/// How long a word of hexadecimal digits is an id.
const HEX: usize = 12;

/// Scheme, host, port and path: user, password, query and fragment stay here.
pub(super) fn bare(url: &Url) -> String {
    format!("{}{}", origin(url), url.path())
}

/// As [`bare`], with what looks like an id in the path taken out: so that calls of the same kind share a name.
pub(super) fn named(url: &Url) -> String {
    let segments = url.path().split('/').map(|segment| if is_id(segment) { ANY } else { segment });
    format!("{}{}", origin(url), segments.collect::<Vec<_>>().join("/"))
}

/// With the program's own template in the place of the path.
pub(super) fn templated(url: &Url, template: &str) -> String {
    let slash = if template.starts_with('/') { "" } else { "/" };
    format!("{}{slash}{template}", origin(url))
}

fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or(Cow::Borrowed(""), |port| format!(":{port}").into());
    format!("{}://{host}{port}", url.scheme())
}

/// Numbers, UUIDs, hashes, addresses, and whatever else has an escape in it.
fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits > 0 && digits == segment.len();
    let is_hex =
        digits > 0 && segment.len() >= HEX && segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    // `pi_3MtwBwLkdIwHu7ix28a3tqPa`: a word would not have so many.
    let is_token = segment.len() >= HEX && digits >= 3 && !segment.contains('.');
    is_number || is_hex || is_token || segment.contains(['@', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_origin_and_path() {
        let url = Url::parse("https://user:pass@api.example.com:8443/v1/users?token=secret#part").expect("a URL");
        assert_eq!(bare(&url), "https://api.example.com:8443/v1/users");
        let usual = Url::parse("https://[::1]:443/").expect("a URL");
        assert_eq!(bare(&usual), "https://[::1]/");
    }

    #[test]
    fn ids_have_no_name() {
        for (path, name) in [
            ("/v1/users/17", "/v1/users/*"),
            ("/users/8f14e45f-ceea-467f-a9a3-2c1d8d8e7f11/cart", "/users/*/cart"),
            ("/v1/payment_intents/pi_3MtwBwLkdIwHu7ix28a3tqPa", "/v1/payment_intents/*"),
            ("/mail/alice@example.com", "/mail/*"),
            ("/mail/alice%40example.com", "/mail/*"),
            ("/2010-04-01/Messages", "/2010-04-01/Messages"),
            ("/v3/mail/send", "/v3/mail/send"),
            ("/oauth2/authorization", "/oauth2/authorization"),
            ("/", "/"),
        ] {
            let url = Url::parse(&format!("https://x{path}")).expect("a URL");
            assert_eq!(named(&url), format!("https://x{name}"));
        }
    }
}
