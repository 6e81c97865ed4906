//! What Sentry takes as a key, a tag's value, a context's name: the checks at run time.
//!
//! Nothing here fails: what cannot be sent as it is, is changed as little as will do, told in debug output and counted.

use std::borrow::Cow;
use std::fmt::Arguments;

use super::text::beginning;
use crate::span::state;

/// The longest key of a tag or a field, and the longest name of a context. Sentry takes tag keys longer than 32
/// since it no longer indexes them by fixed columns, but not every server does.
pub(crate) const KEY_MAX: usize = 200;
/// The longest tag key that every server takes.
pub(crate) const TAG_KEY_SAFE: usize = 32;
/// The longest value of a tag, in characters.
pub(crate) const TAG_VALUE_MAX: usize = 200;

/// Contexts that Sentry, or the SDK, fills in or reads itself. The derive refuses the same names.
pub(crate) const RESERVED_CONTEXTS: [&str; 16] = [
    "app",
    "browser",
    "cloud_resource",
    "culture",
    "device",
    "feedback",
    "flags",
    "gpu",
    "monitor",
    "os",
    "otel",
    "profile",
    "replay",
    "response",
    "runtime",
    "trace",
];

/// Keys of Sentry's user that data must not take. The derive refuses the same keys.
pub(crate) const RESERVED_USER_KEYS: [&str; 7] =
    ["id", "email", "username", "ip_address", "geo", "data", "sentry_user"];

/// A tag's key: at most 200 of `[a-zA-Z0-9_.:-]`. `None` if there is no character in it.
pub(crate) fn tag_key(key: impl Into<Cow<'static, str>>) -> Option<String> {
    let key = named(key.into(), "tag")?;
    if key.len() > TAG_KEY_SAFE {
        tell(format_args!("the tag key `{key}` is longer than {TAG_KEY_SAFE} characters, and some servers drop it"));
    }
    Some(key)
}

/// A tag's value: one line of at most 200 characters.
pub(crate) fn tag_value(value: String) -> String {
    let value = if has_control(&value) { value.replace(char::is_control, " ") } else { value };
    if value.len() <= TAG_VALUE_MAX {
        return value;
    }
    match value.char_indices().nth(TAG_VALUE_MAX) {
        None => value,
        Some(_) => {
            let end = value.char_indices().nth(TAG_VALUE_MAX - 1).map_or(0, |(at, _)| at);
            format!("{}…", &value[..end])
        }
    }
}

/// A context's name: as a tag's key, and none of Sentry's own.
pub(crate) fn context_name(name: impl Into<Cow<'static, str>>) -> Option<String> {
    let name = named(name.into(), "context")?;
    Some(unreserved(name, &RESERVED_CONTEXTS, "context"))
}

/// A field's key within a context: one line, at most 200 bytes, and not `type`, by which Sentry tells contexts apart.
pub(crate) fn field_key(key: impl Into<Cow<'static, str>>) -> Option<String> {
    Some(unreserved(line(key.into(), "field")?, &["type"], "field"))
}

/// A key of the user's data: as a field's, and none of the user's own.
pub(crate) fn user_key(key: impl Into<Cow<'static, str>>) -> Option<String> {
    Some(unreserved(line(key.into(), "user data")?, &RESERVED_USER_KEYS, "user data"))
}

fn unreserved(mut key: String, reserved: &[&str], of: &str) -> String {
    if reserved.contains(&key.as_str()) {
        key.push('_');
        tell(format_args!("the {of} key is one of Sentry's own and became `{key}`"));
    }
    key
}

fn named(key: Cow<'static, str>, of: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
    // Byte by byte what nearly always holds: a character beyond ASCII has only bytes that do not fit either.
    let all_fit = |key: &str| key.bytes().all(|byte| fits(char::from(byte)));
    if (1..=KEY_MAX).contains(&key.len()) && all_fit(&key) {
        return Some(key.into_owned());
    }
    let mut key = line(key, of)?;
    if !all_fit(&key) {
        key = key.replace(|c| !fits(c), "_");
        tell(format_args!("the {of} key may have only letters, digits and `_.:-`, and became `{key}`"));
    }
    Some(key)
}

/// Whether there is a control character in the text; told by the bytes where it is plain ASCII, as it nearly always is.
fn has_control(text: &str) -> bool {
    !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.contains(char::is_control)
}

fn line(key: Cow<'static, str>, of: &str) -> Option<String> {
    let mut key = key.into_owned();
    if key.is_empty() {
        tell(format_args!("a {of} without a key was left out"));
        return None;
    }
    if has_control(&key) {
        key = key.replace(char::is_control, "_");
        tell(format_args!("the {of} key had control characters and became `{key}`"));
    }
    if key.len() > KEY_MAX {
        key.truncate(beginning(&key, KEY_MAX).len());
        tell(format_args!("the {of} key is longer than {KEY_MAX} and became `{key}`"));
    }
    Some(key)
}

/// Counts that something was changed, and tells what in the SDK's debug output.
pub(crate) fn tell(problem: Arguments<'_>) {
    state::count_change();
    sentry_core::sentry_debug!("[watchpost] {problem}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_keys() {
        let long = "k".repeat(300);
        let rows = [
            ("payment.currency", Some("payment.currency")),
            ("a:b-c_1", Some("a:b-c_1")),
            ("pay ment", Some("pay_ment")),
            ("größe", Some("gr__e")),
            ("a\nb", Some("a_b")),
            ("", None),
        ];
        for (key, is) in rows {
            assert_eq!(tag_key(key).as_deref(), is);
        }
        assert_eq!(tag_key(long).map(|key| key.len()), Some(200));
    }

    #[test]
    fn what_is_changed_is_counted() {
        let before = state::changes();
        let _ = (tag_key("bad key"), context_name("trace"), field_key(""));
        // Other tests count meanwhile.
        assert!(state::changes() >= before + 3);
    }

    #[test]
    fn tag_values() {
        assert_eq!(tag_value("a\nb\tc".into()), "a b c");
        assert_eq!(tag_value("é".repeat(200)), "é".repeat(200));
        let cut = tag_value("é".repeat(201));
        assert_eq!(cut.chars().count(), 200);
        assert!(cut.ends_with("é…"));
    }

    #[test]
    fn names_and_keys_of_sentry_s_own() {
        assert_eq!(context_name("trace").as_deref(), Some("trace_"));
        assert_eq!(context_name("booking").as_deref(), Some("booking"));
        assert_eq!(context_name("my booking").as_deref(), Some("my_booking"));
        assert_eq!(field_key("type").as_deref(), Some("type_"));
        assert_eq!(field_key("größe in cm").as_deref(), Some("größe in cm"));
        assert_eq!(user_key("email").as_deref(), Some("email_"));
        assert_eq!(user_key("location_id").as_deref(), Some("location_id"));
        assert_eq!(field_key(""), None);
    }

    #[test]
    fn a_key_is_cut_between_characters() {
        let key = field_key("é".repeat(150)).expect("a key");
        assert!(key.len() <= KEY_MAX && key.chars().all(|c| c == 'é'), "{key}");
    }
}
