//! Keys that look like a secret or personal data: the redactor's own list.

use super::secret_keys::{Kind, kind};

/// Whether a value under this key may not leave without a word.
pub(crate) fn is_secret(key: &str) -> bool {
    kind(key) != Kind::Innocent
}
