//! What may leave of a key.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How many keys of one command are told.
pub(super) const TOLD: usize = 10;

/// How many characters of a full key are told, and how long a first segment may be to be a word.
const FULL: usize = 200;
const WORD: usize = 32;

/// What takes the place of what must not leave.
const ANY: &str = "*";

/// How a key becomes one that may leave.
#[derive(Clone, Default)]
pub(super) enum Template {
    /// By [`template`].
    #[default]
    Default,
    /// As the program says.
    Own(Arc<Own>),
    /// As it is.
    Full,
}

/// The program's own way.
type Own = dyn Fn(&str) -> Cow<'_, str> + Send + Sync;

impl Template {
    pub(super) fn of(&self, key: &[u8]) -> String {
        let key = String::from_utf8_lossy(key);
        match self {
            Self::Default => template(&key).into_owned(),
            Self::Full => key.chars().take(FULL).collect(),
            Self::Own(template) => {
                // The program's own code must not disturb the command.
                let own = catch_unwind(AssertUnwindSafe(|| template(&key).into_owned()));
                own.map_or_else(|_| ANY.to_owned(), |key| key.chars().take(FULL).collect())
            }
        }
    }

    /// Each once, at most [`TOLD`].
    pub(super) fn of_all(&self, keys: &[&[u8]]) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        for key in keys {
            if told.len() == TOLD {
                break;
            }
            let key = self.of(key);
            if !told.contains(&key) {
                told.push(key);
            }
        }
        told
    }
}

pub(super) fn template(key: &str) -> Cow<'static, str> {
    // A hash tag (`{user:17}:cart`) is not part of the name.
    let bare = key.strip_prefix('{').unwrap_or(key);
    match bare.split_once([':', '/', '|']) {
        Some((word, _)) if is_word(word) => Cow::Owned(format!("{word}:{ANY}")),
        _ => Cow::Borrowed(ANY),
    }
}

/// Letters, `-` and `_`: what has digits in it may be an id.
fn is_word(text: &str) -> bool {
    (1..=WORD).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_key_but_its_first_word() {
        for (key, left) in [
            ("user:17", "user:*"),
            ("user:alice@example.com:name", "user:*"),
            ("price_list/2026", "price_list:*"),
            ("{booking:17}:slots", "booking:*"),
            ("alice", "*"),
            ("17:user", "*"),
            ("", "*"),
            (":", "*"),
            ("ключ:1", "*"),
            ("alice@example.com:cart", "*"),
        ] {
            assert_eq!(template(key), left, "{key}");
        }
        assert_eq!(template(&format!("{}:1", "x".repeat(33))), "*");
    }

    #[test]
    fn the_programs_own_may_panic() {
        let own = Template::Own(Arc::new(|key| match key {
            "bad" => std::panic::resume_unwind(Box::new("on purpose")),
            other => format!("own:{}", other.len()).into(),
        }));
        assert_eq!(own.of(b"abc"), "own:3");
        assert_eq!(own.of(b"bad"), "*");
    }

    #[test]
    fn each_once_and_not_too_many() {
        let keys: Vec<_> = (0..50).map(|number| format!("user:{number}")).collect();
        let keys: Vec<_> = keys.iter().map(String::as_bytes).collect();
        assert_eq!(Template::Default.of_all(&keys), ["user:*"]);
        assert_eq!(Template::Full.of_all(&keys).len(), TOLD);
        assert_eq!(Template::Full.of(&[b'k'; 500]).len(), FULL);
        assert_eq!(Template::Full.of(b"\xff"), "\u{fffd}");
    }
}
