//! What Sentry takes as a name or a key. The runtime holds what it is given at run time to the same limits.

/// The longest key of a tag or a field, and the longest name of a context.
const KEY_MAX: usize = 200;

/// Contexts that Sentry, or its SDK, fills in or reads itself.
const RESERVED_CONTEXTS: [&str; 16] = [
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

/// Keys of Sentry's user that data must not take.
const RESERVED_USER_KEYS: [&str; 7] = ["id", "email", "username", "ip_address", "geo", "data", "sentry_user"];

/// A tag's key: 1 to 200 of `[a-zA-Z0-9_.:-]`.
pub(crate) fn tag_key(key: &str) -> Result<(), String> {
    named(key, "tag key")
}

/// An error category, which is a tag's value and part of a context's name: 1 to 200 of `[a-zA-Z0-9_.:-]`.
pub(crate) fn category(category: &str) -> Result<(), String> {
    named(category, "category")
}

/// A context's name: 1 to 200 of `[a-zA-Z0-9_.:-]`, and none of Sentry's own.
pub(crate) fn context_name(name: &str) -> Result<(), String> {
    named(name, "context name")?;
    if RESERVED_CONTEXTS.contains(&name) {
        return Err(format!("the context `{name}` is one of Sentry's own; choose another name"));
    }
    Ok(())
}

/// A field's key within a context: one line of 1 to 200 bytes, and not `type`, by which Sentry tells contexts apart.
pub(crate) fn field_key(key: &str) -> Result<(), String> {
    line(key, "key")?;
    if key == "type" {
        return Err("the key `type` is Sentry's own in every context; choose another".into());
    }
    Ok(())
}

/// A key of the user's data: one line of 1 to 200 bytes, and none of Sentry's own.
pub(crate) fn user_key(key: &str) -> Result<(), String> {
    line(key, "key")?;
    if RESERVED_USER_KEYS.contains(&key) {
        return Err(format!("the key `{key}` is Sentry's own in every user; choose another"));
    }
    Ok(())
}

fn named(key: &str, what: &str) -> Result<(), String> {
    line(key, what)?;
    match key.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-'))) {
        Some(bad) => Err(format!("`{bad}` cannot be part of the {what} `{key}`; use letters, digits and `_.:-`")),
        None => Ok(()),
    }
}

fn line(key: &str, what: &str) -> Result<(), String> {
    if key.is_empty() {
        return Err(format!("this {what} is empty; give it a character or more"));
    }
    if key.contains(char::is_control) {
        return Err(format!("this {what} has a control character in it; leave it out"));
    }
    if key.len() > KEY_MAX {
        return Err(format!("this {what} is {} long; shorten it to {KEY_MAX}", key.len()));
    }
    Ok(())
}
