//! Names, operations, slugs and values of tags: what Sentry refuses or cuts of them.

use crate::errors::list;

/// What is wrong with a name (of a span, a transaction, a task, a queue), if anything is.
pub(crate) fn name(text: &str) -> Result<(), String> {
    line("name", text, 200)
}

/// What is wrong with the name of a queue.
pub(crate) fn queue(text: &str) -> Result<(), String> {
    line("queue", text, 200)
}

/// What is wrong with a span's operation.
pub(crate) fn op(text: &str) -> Result<(), String> {
    line("op", text, 128)?;
    if text.contains(char::is_whitespace) {
        let words: Vec<&str> = text.split_whitespace().collect();
        return Err(format!("an op is one word with dots; write `{}`", list(&words, ".")));
    }
    Ok(())
}

/// What is wrong with the value of a tag.
pub(crate) fn tag_value(what: &str, text: &str) -> Result<(), String> {
    line(what, text, 200)
}

/// What is wrong with the key of a field of a span.
pub(crate) fn field_key(key: &str) -> Result<(), String> {
    line("field's name", key, 200)
}

/// What is wrong with the slug of a monitor.
pub(crate) fn slug(text: &str) -> Result<(), String> {
    const TAKES: &str = "lower-case letters, digits, `-` and `_`";
    let length = text.chars().count();
    if length == 0 || length > 50 {
        return Err(format!("a monitor's slug has 1 to 50 letters, not {length}"));
    }
    if let Some(wrong) =
        text.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-')))
    {
        return Err(format!(
            "{wrong:?} may not stand in a monitor's slug, which takes {TAKES}; write `{}`",
            slugged(text)
        ));
    }
    if text.chars().all(|c| c.is_ascii_digit()) {
        return Err("a monitor's slug is not a number alone; begin it with a letter".to_owned());
    }
    Ok(())
}

/// A slug that reads like this text.
pub(crate) fn slugged(text: &str) -> String {
    let mut slug = String::new();
    let mut last = ' ';
    for c in text.chars() {
        let word = c.is_ascii_alphanumeric() || c == '_';
        let begins =
            !(last.is_ascii_alphanumeric() || last == '_') || last.is_ascii_lowercase() && c.is_ascii_uppercase();
        if word && begins && !slug.is_empty() {
            slug.push('-');
        }
        if word {
            slug.push(c.to_ascii_lowercase());
        }
        last = c;
    }
    slug.chars().take(50).collect()
}

fn line(what: &str, text: &str, limit: usize) -> Result<(), String> {
    let article = if what.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    if text.trim().is_empty() {
        return Err(format!("{article} {what} may not be empty; leave it out or give one"));
    }
    let length = text.chars().count();
    if length > limit {
        return Err(format!("this {what} has {length} letters and Sentry takes {limit}; shorten it"));
    }
    if let Some(wrong) = text.chars().find(|c| c.is_control()) {
        return Err(format!("{wrong:?} may not stand in {article} {what}; {article} {what} is one line of text"));
    }
    if text.trim() != text {
        return Err(format!("this {what} begins or ends with a space; take it away"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{name, op, slug, slugged, tag_value};

    #[test]
    fn limits_are_counted_in_letters() {
        assert!(name(&"ä".repeat(200)).is_ok() && name(&"ä".repeat(201)).is_err());
        assert!(op(&"a".repeat(128)).is_ok() && op(&"a".repeat(129)).is_err());
        assert!(tag_value("tag", &"v".repeat(200)).is_ok() && tag_value("tag", &"v".repeat(201)).is_err());
        assert!(slug(&"s".repeat(50)).is_ok() && slug(&"s".repeat(51)).is_err());
    }

    #[test]
    fn letters_are_looked_at() {
        assert!(name("two\nlines").is_err() && name(" ").is_err() && name("x ").is_err());
        assert!(op("db.sql query").is_err());
        assert!(slug("nightly_reminders-2").is_ok() && slug("Nightly").is_err() && slug("123").is_err());
    }

    #[test]
    fn a_slug_reads_like_the_name() {
        assert_eq!(slugged("Nightly Reminders (EU)"), "nightly-reminders-eu");
        assert_eq!(slugged("nightly_reminders"), "nightly_reminders");
        assert_eq!(slugged("remindAll"), "remind-all");
    }
}
