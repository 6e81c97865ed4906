//! What of the input may not leave, and whether it has.

use std::collections::BTreeSet;

use serde_json::Value;
use watchpost_cli::receiver::Request;

/// The personal data that a file of requests plants: nothing here knows a single value of its own.
#[derive(Debug)]
pub(crate) struct Planted {
    /// Each value as it stands in the file, with what it is.
    values: BTreeSet<(&'static str, String)>,
}

impl Planted {
    pub(crate) fn of(input: &str) -> Self {
        let mut values = BTreeSet::new();
        for line in input.lines() {
            let request: Value = serde_json::from_str(line).unwrap();
            collect(&request, "", &mut values);
            // A body that is broken, and a query, are searched as text.
            for text in [&request["text"], &request["path"]] {
                values.extend(emails(text.as_str().unwrap_or_default()));
            }
            for header in request["headers"].as_object().into_iter().flatten() {
                let header = header.1.as_str().unwrap();
                values.extend(emails(header));
                if let Some(secret) = header.strip_prefix("Basic ") {
                    values.insert(("password", secret.to_owned()));
                }
            }
        }
        Self { values }
    }

    pub(crate) fn count(&self, kind: &str) -> usize {
        self.values.iter().filter(|(known, _)| *known == kind).count()
    }

    /// What was found in anything that came in, with the envelope it was in.
    pub(crate) fn found_in(&self, requests: &[Request]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for request in requests {
            let text = format!("{} {:?} {}", request.target, request.headers, String::from_utf8_lossy(&request.body));
            for (kind, value) in &self.values {
                let digits: String = value.chars().filter(char::is_ascii_digit).collect();
                let is_number = matches!(*kind, "card number" | "phone") && digits.len() >= 8;
                if text.contains(value.as_str()) || is_number && has_digits(&text, &digits) {
                    found.insert(format!("{kind} {value}"));
                }
            }
            // Tokens are signed only when they are played; whatever looks like one is one.
            if let Some(at) = text.find("eyJ") {
                found.insert(format!("token {}", text[at..].chars().take(20).collect::<String>()));
            }
        }
        found
    }
}

/// Whether these digits stand in the text, other than in a fraction: `1.4000000000000002` is a time and no card.
fn has_digits(text: &str, digits: &str) -> bool {
    let before = |at: usize| text[..at].trim_end_matches(|c: char| c.is_ascii_digit());
    text.match_indices(digits).any(|(at, _)| !before(at).ends_with('.'))
}

#[test]
fn digits_of_a_fraction_are_no_number() {
    assert!(has_digits(r#"{"card":"4000000000000002"}"#, "4000000000000002"));
    assert!(has_digits("no. 14000000000000002", "4000000000000002"));
    assert!(!has_digits(r#"{"busy_ms":1.4000000000000002}"#, "4000000000000002"));
    assert!(has_digits("1.4000000000000002 for 4000000000000002", "4000000000000002"));
}

fn collect(value: &Value, key: &str, found: &mut BTreeSet<(&'static str, String)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| collect(value, key, found)),
        Value::String(text) => {
            let kind = match key {
                "email" => "e-mail",
                "phone" => "phone",
                "number" => "card number",
                "note" => "note",
                // The name of a request is the file's own word for it.
                "name" if text.contains(' ') => "name",
                _ => return,
            };
            found.insert((kind, text.clone()));
        }
        _ => {}
    }
}

fn emails(text: &str) -> impl Iterator<Item = (&'static str, String)> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || "@.+-_".contains(c)));
    words
        .filter(|word| word.split_once('@').is_some_and(|(_, domain)| domain.contains('.')))
        .map(|word| ("e-mail", word.to_owned()))
}
