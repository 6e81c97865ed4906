//! Paths: which requests are meant, what stands where a template has a parameter, and names for paths without a template.

use std::borrow::Cow;

/// Paths that are treated alike: `/health`, `/users/{id}`, `/docs/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    segments: Box<[Segment]>,
    /// Everything below is meant too.
    below: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Is(Box<str>),
    Any,
}

impl Pattern {
    /// Reads a path; `{name}` stands for any segment, `*` or `{*name}` at the end for everything below and the path itself.
    pub(super) fn new(path: &str) -> Self {
        let mut below = false;
        let segments = segments(path).filter_map(|segment| {
            if segment == "*" || segment.starts_with("{*") {
                below = true;
                return None;
            }
            Some(if parameter_of(segment).is_some() { Segment::Any } else { Segment::Is(segment.into()) })
        });
        Self { segments: segments.collect(), below }
    }

    /// The paths in a word, with nothing of any one of them: `/users/*`, `/docs/**`.
    pub(super) fn shown(&self) -> String {
        let mut shown = String::new();
        for segment in &self.segments {
            shown.push('/');
            shown.push_str(if let Segment::Is(text) = segment { text } else { "*" });
        }
        if self.below {
            shown.push_str("/**");
        } else if shown.is_empty() {
            shown.push('/');
        }
        shown
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        let mut path = segments(path);
        let here = self.segments.iter().all(|expected| match (expected, path.next()) {
            (Segment::Is(expected), Some(segment)) => **expected == *segment,
            (Segment::Any, Some(_)) => true,
            (_, None) => false,
        });
        here && (self.below || path.next().is_none())
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// The name of the parameter that a template's segment stands for; actix-web writes a regular expression behind it.
fn parameter_of(segment: &str) -> Option<&str> {
    let inner = segment.strip_prefix('{')?;
    let inner = inner.strip_suffix('}').or_else(|| inner.strip_suffix("}*"))?;
    let inner = inner.strip_prefix('*').unwrap_or(inner);
    Some(inner.split_once(':').map_or(inner, |(name, _)| name))
}

/// What stands in `path` where `template` has the parameter, decoded. None where it has no such parameter, or one that takes more
/// than a segment.
pub(super) fn parameter<'p>(template: &str, path: &'p str, name: &str) -> Option<Cow<'p, str>> {
    let mut path = segments(path);
    for segment in segments(template) {
        let value = path.next()?;
        match parameter_of(segment) {
            Some(parameter) if parameter == name && !segment.contains('*') => return Some(decoded(value)),
            Some(_) if !segment.contains('*') => {}
            None if segment == value => {}
            _ => return None,
        }
    }
    None
}

/// The text without its percent-encoding; what is no text when decoded stays as it is.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let digits = behind.split_first_chunk::<2>().filter(|_| byte == b'%');
        let escaped = digits.and_then(|([high, low], behind)| {
            let digit = |byte: u8| (byte as char).to_digit(16);
            let byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
            Some((byte, behind))
        });
        let (byte, behind) = escaped.unwrap_or((byte, behind));
        plain.push(byte);
        rest = behind;
    }
    String::from_utf8(plain).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// How many segments of a path without a template are told.
const DEEPEST: usize = 8;

/// The path with `*` for what looks like a value: by Sentry's own rule for paths without a template, for a name for each appointment
/// is a name that nobody finds.
pub(super) fn generalised(path: &str) -> String {
    let mut general = String::with_capacity(path.len().min(256));
    for (at, segment) in segments(path).enumerate() {
        if at == DEEPEST {
            general.push_str("/**");
            break;
        }
        general.push('/');
        general.push_str(if is_value(segment) { "*" } else { segment });
    }
    if general.is_empty() {
        general.push('/');
    }
    general
}

/// Whether a segment is a value and no word: a number, an id, an address, something encoded, something long.
fn is_value(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let is_hex = segment.len() >= 8 && segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_plain = segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
    !is_plain || digits == segment.len() || digits >= 4 || (digits > 0 && is_hex) || segment.len() > 40
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("/health", "/health", true),
            ("/health", "/health/", true),
            ("/health", "/healthy", false),
            ("/health", "/health/db", false),
            ("/docs/*", "/docs", true),
            ("/docs/*", "/docs/a/b", true),
            ("/docs/{*rest}", "/docs/a/b", true),
            ("/docs/*", "/doc", false),
            ("/users/{id}", "/users/7", true),
            ("/users/{id}", "/users", false),
            ("/users/{id}/keys", "/users/7/keys", true),
            ("/users/{id}/keys", "/users/7", false),
            ("/", "/", true),
            ("/", "/a", false),
            ("/*", "/a", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn parameters() {
        for (template, path, expected) in [
            ("/appointments/{id}", "/appointments/17", Some("17")),
            ("/a/{x}/b/{id}", "/a/1/b/2", Some("2")),
            ("/a/{id:\\d+}", "/a/12", Some("12")),
            ("/a/{id}", "/a/J%C3%BCrgen", Some("Jürgen")),
            ("/a/{id}", "/a/%ff", Some("%ff")),
            ("/a/{id}", "/b/1", None),
            ("/a/{other}", "/a/1", None),
            ("/a/{*id}", "/a/1/2", None),
            ("/a/{id}", "/a", None),
        ] {
            assert_eq!(parameter(template, path, "id").as_deref(), expected, "{template} {path}");
        }
    }

    #[test]
    fn names_without_a_template() {
        for (path, expected) in [
            ("/", "/"),
            ("", "/"),
            ("/users/7", "/users/*"),
            ("/api/v1/users", "/api/v1/users"),
            ("/o/3f2504e0-4f89-11d3-9a0c-0305e82c3301/x", "/o/*/x"),
            ("/o/deadbeef1", "/o/*"),
            ("/facade", "/facade"),
            ("/u/anna@example.com", "/u/*"),
            ("/u/anna%40example.com", "/u/*"),
            ("/order-12345", "/*"),
            ("/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/h/**"),
        ] {
            assert_eq!(generalised(path), expected);
        }
    }
}
