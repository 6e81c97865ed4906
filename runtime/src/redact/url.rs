//! URLs and query strings, whose keys and values are percent-encoded.

use std::borrow::Cow;

use super::Redactor;
use super::cover::is_covered;
use super::keys::Kind;
use super::redactor::Cleaned;

impl Redactor {
    /// The URL without user name and password, without the values of secret parameters in query and fragment; other secrets are
    /// found in it as in any text, percent-encoded or not.
    ///
    /// ```
    /// # use watchpost::redact::Redactor;
    /// let url = "https://bob:hunter2@example.com/a?page=2&access_token=abc";
    /// assert_eq!(Redactor::new().url(url), "https://[REDACTED]@example.com/a?page=2&access_token=[REDACTED]");
    /// ```
    pub fn url<'t>(&self, url: &'t str) -> Cow<'t, str> {
        self.clean_url(url).0
    }

    /// The query string (`a=1&b=2`, percent-encoded, without `?`) without the values of secret parameters.
    pub fn query<'t>(&self, query: &'t str) -> Cow<'t, str> {
        self.clean_query(query).0
    }

    pub(super) fn clean_url<'t>(&self, url: &'t str) -> (Cow<'t, str>, u64) {
        let query = url.find(['?', '#']).unwrap_or(url.len());
        let (base, rest) = url.split_at(query);
        let (base, found_before) = self.clean_path(base);
        // The marks stay, what is between and behind them has the form of a query or is a text.
        let mut clean = Cleaned::new(rest);
        let mut count = found_before;
        let mut start = 0;
        for part in rest.split(['?', '#']) {
            let (part_clean, found) = self.clean_query(part);
            if let Cow::Owned(part_clean) = part_clean {
                clean.put(start, start + part.len(), &part_clean);
            }
            count += found;
            start += part.len() + 1;
        }
        match (base, clean.finish()) {
            (Cow::Borrowed(_), Cow::Borrowed(_)) => (Cow::Borrowed(url), count),
            (base, rest) => (Cow::Owned(base.into_owned() + &rest), count),
        }
    }

    /// Scheme, host and path.
    fn clean_path<'t>(&self, path: &'t str) -> (Cow<'t, str>, u64) {
        let (clean, count) = self.clean(path);
        if count > 0 || !path.contains('%') {
            return (clean, count);
        }
        let mut clean = Cleaned::new(path);
        let (mut start, mut count) = (0, 0);
        for segment in path.split('/') {
            count += self.clean_encoded(&mut clean, segment, start);
            start += segment.len() + 1;
        }
        (clean.finish(), count)
    }

    pub(super) fn clean_query<'t>(&self, query: &'t str) -> (Cow<'t, str>, u64) {
        // What an identity provider sends back: a code that is worth a session.
        let is_answer = query.split('&').any(|pair| pair.starts_with("state="));
        let mut clean = Cleaned::new(query);
        let (mut start, mut count) = (0, 0);
        for pair in query.split(['&', ';']) {
            let (key, value) = pair.split_once('=').map_or((pair, None), |(key, value)| (key, Some(value)));
            count += self.clean_encoded(&mut clean, key, start);
            if let Some(value) = value {
                let at = start + key.len() + 1;
                let key = decoded(key);
                let is_secret = self.kind(&key) != Kind::Innocent || &*key == "sig" || is_answer && &*key == "code";
                count += match is_secret {
                    true if value.is_empty() || is_covered(value) => 0,
                    true => {
                        clean.put(at, at + value.len(), &self.cover(&decoded(value)));
                        1
                    }
                    false => self.clean_encoded(&mut clean, value, at),
                };
            }
            start += pair.len() + 1;
        }
        (clean.finish(), count)
    }

    /// A part of a URL, which begins at `at` in what is cleaned.
    fn clean_encoded(&self, clean: &mut Cleaned<'_>, part: &str, at: usize) -> u64 {
        let plain = decoded(part);
        let (text, found) = self.clean(&plain);
        match (text, &plain) {
            (Cow::Borrowed(_), _) => {}
            (Cow::Owned(text), Cow::Borrowed(_)) => clean.put(at, at + part.len(), &text),
            // Where in the encoded text it stands is not told.
            (Cow::Owned(_), Cow::Owned(plain)) => clean.put(at, at + part.len(), &self.cover(plain)),
        }
        found
    }
}

/// The text without its percent-encoding; `+` is a space. What is no text when decoded stays as it is.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| behind.split_first_chunk::<2>()).flatten();
        let escaped = escaped.and_then(|(&[high, low], behind)| Some((digit(high)? << 4 | digit(low)?, behind)));
        let (byte, behind) = escaped.unwrap_or((if byte == b'+' { b' ' } else { byte }, behind));
        plain.push(byte);
        rest = behind;
    }
    String::from_utf8(plain).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn digit(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).and_then(|digit| digit.try_into().ok())
}

#[cfg(test)]
mod tests {
    use crate::redact::{Mode, Redactor};

    #[test]
    fn urls() {
        let redactor = Redactor::new();
        for (url, expected) in [
            ("https://example.com/a/b?page=2#top", "https://example.com/a/b?page=2#top"),
            ("https://u:p@example.com/a", "https://[REDACTED]@example.com/a"),
            ("/a?token=x&b=1", "/a?token=[REDACTED]&b=1"),
            ("/a?b=1#access_token=x&c=2", "/a?b=1#access_token=[REDACTED]&c=2"),
            ("/users/bob%40example.com/x", "/users/[REDACTED]/x"),
            ("/users/%62ob%40example.com/x?a=1", "/users/[REDACTED]/x?a=1"),
            ("/pay/4111%201111%201111%201111", "/pay/[REDACTED]"),
            ("/a?q=%62ob%40example%2Ecom&n=5", "/a?q=[REDACTED]&n=5"),
            ("/a?q=4111+1111+1111+1111", "/a?q=[REDACTED]"),
            ("/a?p%61ssword=x", "/a?p%61ssword=[REDACTED]"),
            ("/a?next=https://u:p@b/?token=x", "/a?next=https://[REDACTED]@b/?token=[REDACTED]"),
            ("/cb?code=abc&state=def", "/cb?code=[REDACTED]&state=def"),
            ("/list?code=DE", "/list?code=DE"),
            ("/blob?sv=1&sig=abc%3D", "/blob?sv=1&sig=[REDACTED]"),
            ("/a?token=&b", "/a?token=&b"),
            ("/a?token=[REDACTED]", "/a?token=[REDACTED]"),
            ("/a?q=100%&r=%zz&s=%ff", "/a?q=100%&r=%zz&s=%ff"),
            ("", ""),
        ] {
            assert_eq!(redactor.url(url), expected, "{url}");
        }
        assert_eq!(redactor.query("a=1;password=x"), "a=1;password=[REDACTED]");
        assert_eq!(Redactor::new().mode(Mode::Mask).query("token=abcdefgh%31"), "token=a***1");
    }
}
