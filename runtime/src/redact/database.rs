//! Messages of databases without the values that they quote.
//!
//! Some errors tell the value that a statement failed for: "Duplicate entry 'bob' for key 'name'". A value has no shape of its own, so it
//! is known by the words around it, in English, as PostgreSQL, MySQL, MariaDB, SQLite and Redis have them, and the crate `redis`. Where a
//! value may hold the closing words itself, the longer reading is taken.

use std::borrow::Cow;
use std::ops::Range;

use super::cover::REDACTED;

/// A value between words: what stands before its opening mark, the marks, and what follows the closing one; nothing if that may be
/// anything.
struct Quote {
    /// Somewhere before.
    about: &'static str,
    before: &'static str,
    open: char,
    close: char,
    after: &'static [&'static str],
    /// Only what is a literal of the statement: the same words tell of names and keywords.
    literals_only: bool,
}

const fn quote(
    about: &'static str,
    before: &'static str,
    marks: (char, char),
    after: &'static [&'static str],
) -> Quote {
    Quote { about, before, open: marks.0, close: marks.1, after, literals_only: false }
}

const SINGLE: (char, char) = ('\'', '\'');
const DOUBLE: (char, char) = ('"', '"');
const BRACKETS: (char, char) = ('(', ')');
const BACKTICKS: (char, char) = ('`', '`');

const QUOTES: [Quote; 19] = [
    // MySQL and MariaDB.
    quote("", "Duplicate entry ", SINGLE, &[" for key"]),
    quote("ncorrect ", " value: ", SINGLE, &[" for column", " for function", ""]),
    quote("SQL syntax", " near ", SINGLE, &[" at line"]),
    // PostgreSQL.
    quote("invalid input syntax for ", ": ", DOUBLE, &[""]),
    quote("invalid input value for ", ": ", DOUBLE, &[""]),
    quote("", "out of range: ", DOUBLE, &[""]),
    quote("", "value ", DOUBLE, &[" is out of range"]),
    quote("malformed ", ": ", DOUBLE, &[""]),
    Quote { literals_only: true, ..quote("", "at or near ", DOUBLE, &[""]) },
    quote("syntax error in ts", ": ", DOUBLE, &[""]),
    // Its details, which some drivers add.
    quote("", "Token ", DOUBLE, &[" is invalid"]),
    quote("Key (", ")=", BRACKETS, &[" already exists", " is not present", " is still referenced", " conflicts with"]),
    quote("", "Failing row contains ", BRACKETS, &[""]),
    // SQLite.
    quote("", "unrecognized token: ", DOUBLE, &[""]),
    Quote { literals_only: true, ..quote("", "near ", DOUBLE, &[": syntax error"]) },
    // Redis, and what could not be made of its answer.
    quote("unknown command", " beginning with: ", SINGLE, &[""]),
    quote("unknown command", " beginning with: ", BACKTICKS, &[""]),
    quote("NOGROUP", "No such key ", SINGLE, &[" or consumer group"]),
    quote("ncompatible type", "(value was", (' ', ')'), &[""]),
];

/// The message, and how many values were taken out of it.
pub(super) fn clean_message(message: &str) -> (Cow<'_, str>, u64) {
    let (mut out, mut found) = (Cow::Borrowed(message), 0);
    // What most texts are told off by.
    if !message.bytes().any(|byte| matches!(byte, b'\'' | b'"' | b'(' | b'`')) {
        return (out, found);
    }
    for quote in &QUOTES {
        if let Some(value) = quote.find(&out) {
            out.to_mut().replace_range(value, REDACTED);
            found += 1;
        }
    }
    (out, found)
}

impl Quote {
    /// Where the value is, without its marks.
    fn find(&self, text: &str) -> Option<Range<usize>> {
        let about = text.find(self.about)?;
        // What it is about may share a bracket with what stands before the value.
        // The same words may stand before it, but not often; to look further would cost more with every place.
        let mut places = text.get(about..)?.match_indices(self.before).take(8);
        places.find_map(|(at, before)| {
            let from = about + at + before.len();
            let start = text[from..].strip_prefix(self.open).map(|_| from + self.open.len_utf8())?;
            let end = self.after.iter().find_map(|after| self.end(text, start, after))?;
            let value = &text[start..end];
            let is_literal = || value.starts_with(|first: char| first == '\'' || first.is_ascii_digit());
            (value != REDACTED && !value.is_empty() && (!self.literals_only || is_literal())).then_some(start..end)
        })
    }

    /// The last closing mark that these words follow. Without words, the last one at all.
    fn end(&self, text: &str, start: usize, after: &str) -> Option<usize> {
        let rest = &text[start..];
        rest.rmatch_indices(self.close)
            .map(|(at, mark)| (at, at + mark.len()))
            .find_map(|(at, behind)| rest[behind..].starts_with(after).then_some(start + at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_databases_quote() {
        for (message, expected) in [
            (
                "1062 (23000): Duplicate entry 'bob' for key 'users.name'",
                "1062 (23000): Duplicate entry '[REDACTED]' for key 'users.name'",
            ),
            ("Duplicate entry 'o'x' for key 'y' for key 'name'", "Duplicate entry '[REDACTED]' for key 'name'"),
            (
                "Incorrect integer value: 'bob' for column `t`.`a` at row 1",
                "Incorrect integer value: '[REDACTED]' for column `t`.`a` at row 1",
            ),
            ("Truncated incorrect DOUBLE value: 'bob'", "Truncated incorrect DOUBLE value: '[REDACTED]'"),
            (
                "You have an error in your SQL syntax; check the manual for the right syntax to use near 'WHER a = 'bob'' at line 1",
                "You have an error in your SQL syntax; check the manual for the right syntax to use near '[REDACTED]' at line 1",
            ),
            ("invalid input syntax for type integer: \"bob\"", "invalid input syntax for type integer: \"[REDACTED]\""),
            ("invalid input value for enum mood: \"bob\"", "invalid input value for enum mood: \"[REDACTED]\""),
            ("date/time field value out of range: \"bob\"", "date/time field value out of range: \"[REDACTED]\""),
            (
                "value \"99999999999\" is out of range for type integer",
                "value \"[REDACTED]\" is out of range for type integer",
            ),
            ("unterminated quoted string at or near \"'bob\"", "unterminated quoted string at or near \"[REDACTED]\""),
            (
                "db error: ERROR: duplicate key\nDETAIL: Key (name)=(bob (jr)) already exists.",
                "db error: ERROR: duplicate key\nDETAIL: Key (name)=([REDACTED]) already exists.",
            ),
            ("DETAIL: Failing row contains (1, bob).", "DETAIL: Failing row contains ([REDACTED])."),
            ("unrecognized token: \"'bob\"", "unrecognized token: \"[REDACTED]\""),
            ("near \"'bob'\": syntax error", "near \"[REDACTED]\": syntax error"),
            // What stands before it may hold the same words.
            (
                "no value for a row: value \"99999999999\" is out of range for type integer",
                "no value for a row: value \"[REDACTED]\" is out of range for type integer",
            ),
            ("syntax error in tsquery: \"bob & jr\"", "syntax error in tsquery: \"[REDACTED]\""),
            ("DETAIL: Token \"bob\" is invalid.", "DETAIL: Token \"[REDACTED]\" is invalid."),
            (
                "ERR unknown command 'NOSUCH', with args beginning with: 'bob' 'o'x' ",
                "ERR unknown command 'NOSUCH', with args beginning with: '[REDACTED]' ",
            ),
            (
                "NOGROUP No such key 'inbox:bob' or consumer group 'g' in XREADGROUP with GROUP option",
                "NOGROUP No such key '[REDACTED]' or consumer group 'g' in XREADGROUP with GROUP option",
            ),
            (
                "Incompatible type - \"Not convertible\" (value was bulk-string('\"bob (jr)\"'))",
                "Incompatible type - \"Not convertible\" (value was [REDACTED])",
            ),
        ] {
            let (clean, found) = clean_message(message);
            assert_eq!((&*clean, found), (expected, 1), "{message}");
            assert_eq!(clean_message(&clean), (expected.into(), 0), "a second time");
        }
    }

    #[test]
    fn names_and_keywords_stay() {
        for message in [
            "relation \"bookings\" does not exist",
            "Table 'test.bookings' doesn't exist",
            "syntax error at or near \"FORM\"",
            "near \"FORM\": syntax error",
            "duplicate key value violates unique constraint \"users_name_key\"",
            "UNIQUE constraint failed: users.name",
            "null value in column \"name\" of relation \"users\" violates not-null constraint",
            "the key ('x') was not found",
        ] {
            assert_eq!(clean_message(message), (message.into(), 0));
        }
    }
}
