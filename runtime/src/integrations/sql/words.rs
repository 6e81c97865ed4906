//! What a statement is called: its text without literals, its operation and its tables.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::redact::Redactor;

/// How many characters of a statement a span is named by.
const LONGEST: usize = 1000;
/// How many tables stand in a summary.
const TABLES: usize = 3;

/// A statement, as far as it may be told of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Words {
    /// Without literals and comments, in one line, cut at 1000 characters.
    pub(super) text: String,
    /// `SELECT`, `CREATE TABLE` ..
    pub(super) operation: Option<String>,
    /// The table, if it is but one.
    pub(super) collection: Option<String>,
    /// Operation and tables.
    pub(super) summary: String,
}

impl Words {
    pub(super) fn of(statement: &str) -> Self {
        static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);
        let text = in_one_line(&REDACTOR.sql(statement));
        let (operation, tables) = Reader::new(&text).read();
        let mut summary = operation.clone().unwrap_or_default();
        for table in tables.iter().take(TABLES) {
            summary.push(' ');
            summary.push_str(table);
        }
        let collection = if let [only] = &*tables { Some(only.clone()) } else { None };
        Self { text: cut(&text, LONGEST).into_owned(), operation, collection, summary }
    }
}

fn in_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// At most so many characters, the last of them an ellipsis if something was cut.
pub(super) fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest || text.char_indices().nth(longest).is_none() {
        return text.into();
    }
    let end = text.char_indices().nth(longest - 1).map_or(0, |(at, _)| at);
    format!("{}…", &text[..end]).into()
}

/// Reads a statement word by word, with no more grammar than names need.
struct Reader<'t> {
    tokens: Vec<&'t str>,
    /// The first word of each bracket that is open.
    open: Vec<&'t str>,
    tables: Vec<String>,
    /// Names that the statement itself gives: `WITH name AS (..)`.
    own: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self { tokens: tokens(text), open: Vec::new(), tables: Vec::new(), own: Vec::new() }
    }

    fn read(mut self) -> (Option<String>, Vec<String>) {
        let Some(first) = self.tokens.iter().position(|token| is_word(token)) else { return (None, Vec::new()) };
        let operation = self.operation(first);
        let is_definition = matches!(self.word(first).as_str(), "CREATE" | "ALTER" | "DROP" | "TRUNCATE");
        if is_definition {
            self.definition(first);
            return (operation, self.tables);
        }
        for at in first..self.tokens.len() {
            self.step(at, first);
        }
        let Self { mut tables, own, .. } = self;
        tables.retain(|table| !own.iter().any(|own| own.eq_ignore_ascii_case(table)));
        (operation, tables)
    }

    /// The verb; behind `WITH` the one that the names were given for.
    fn operation(&self, first: usize) -> Option<String> {
        let verb = self.word(first);
        let known = match verb.as_str() {
            "WITH" => {
                let mut depth = 0_usize;
                let main = self.tokens[first..].iter().find(|token| {
                    match **token {
                        "(" => depth += 1,
                        ")" => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    depth == 0
                        && ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| verb.eq_ignore_ascii_case(token))
                });
                main.map_or(verb, |main| main.to_ascii_uppercase())
            }
            "CREATE" | "ALTER" | "DROP" | "TRUNCATE" => {
                let what = (first + 1..self.tokens.len()).map(|at| self.word(at)).find(|word| is_thing(word));
                what.map_or_else(|| verb.clone(), |what| format!("{verb} {what}"))
            }
            _ => verb,
        };
        Some(known)
    }

    fn step(&mut self, at: usize, first: usize) {
        let token = self.tokens[at];
        match token {
            "(" => self.open.push(self.tokens.get(at + 1).copied().unwrap_or_default()),
            ")" => {
                self.open.pop();
            }
            _ if !is_word(token) => {}
            _ => match self.word(at).as_str() {
                // `extract(year FROM ..)` and `a IS DISTINCT FROM b` name no table.
                "FROM" if self.selects(first) && at > 0 && self.word(at - 1) != "DISTINCT" => self.list(at + 1),
                "JOIN" => self.table(at + 1, false),
                "INTO" => self.table(at + 1, true),
                "UPDATE" if at == first || self.is_verb(at) => self.table(at + 1, true),
                "AS" if self.open.is_empty() && self.tokens.get(at + 1) == Some(&"(") && at > 0 => {
                    self.own.push(bare(self.tokens[at - 1]));
                }
                _ => {}
            },
        }
    }

    /// Whether `FROM` stands before tables here.
    fn selects(&self, first: usize) -> bool {
        let start = self.open.last().copied().unwrap_or(self.tokens[first]);
        ["SELECT", "DELETE", "WITH", "INSERT", "UPDATE", "PREPARE", "EXPLAIN"]
            .iter()
            .any(|verb| verb.eq_ignore_ascii_case(start))
    }

    /// `UPDATE` as a verb of its own: not that of `FOR UPDATE`, `ON UPDATE`, `DO UPDATE`, `KEY UPDATE`.
    fn is_verb(&self, at: usize) -> bool {
        at > 0 && matches!(self.tokens[at - 1], "(" | ")")
    }

    /// Tables with commas between them.
    fn list(&mut self, mut at: usize) {
        self.table(at, false);
        // A table, an alias, `AS` and an alias.
        for _ in 0..16 {
            let next = (at + 1..at + 4).find(|next| !self.tokens.get(*next).is_some_and(|token| is_word(token)));
            match next {
                Some(next) if self.tokens.get(next) == Some(&",") => {
                    at = next + 1;
                    self.table(at, false);
                }
                _ => return,
            }
        }
    }

    /// The name at this place, unless it is the name of a function.
    fn table(&mut self, mut at: usize, takes_columns: bool) {
        while matches!(self.word(at).as_str(), "ONLY" | "LATERAL" | "IGNORE" | "LOW_PRIORITY" | "TABLE") {
            at += 1;
        }
        let Some(name) = self.tokens.get(at).filter(|token| is_word(token)) else { return };
        let is_call = !takes_columns && self.tokens.get(at + 1) == Some(&"(");
        let name = bare(name);
        if is_call || name.is_empty() || is_reserved(name) || self.tables.iter().any(|known| *known == name) {
            return;
        }
        self.tables.push(name.replace(['"', '`', '[', ']'], ""));
    }

    fn definition(&mut self, first: usize) {
        let Some(what) = (first + 1..self.tokens.len()).find(|at| is_thing(&self.word(*at))) else {
            self.table(first + 1, true);
            return;
        };
        let is_index = matches!(self.word(what).as_str(), "INDEX" | "TRIGGER");
        let start = if is_index {
            (what..self.tokens.len()).find(|at| self.word(*at) == "ON").map_or(self.tokens.len(), |on| on + 1)
        } else {
            what + 1
        };
        let name = (start..self.tokens.len())
            .find(|at| !matches!(self.word(*at).as_str(), "IF" | "NOT" | "EXISTS" | "CONCURRENTLY"));
        if let Some(name) = name {
            self.table(name, true);
        }
    }

    fn word(&self, at: usize) -> String {
        self.tokens.get(at).map(|token| token.to_ascii_uppercase()).unwrap_or_default()
    }
}

/// A name without the quotes around it.
fn bare(name: &str) -> &str {
    let trimmed = name.trim_matches(['"', '`', '[', ']']);
    if trimmed.contains(['"', '`', '[']) { name } else { trimmed }
}

fn is_thing(word: &str) -> bool {
    matches!(
        word,
        "TABLE"
            | "INDEX"
            | "VIEW"
            | "SEQUENCE"
            | "SCHEMA"
            | "DATABASE"
            | "TYPE"
            | "FUNCTION"
            | "TRIGGER"
            | "EXTENSION"
            | "ROLE"
            | "USER"
    )
}

fn is_reserved(word: &str) -> bool {
    ["SELECT", "SET", "VALUES", "WHERE", "OF", "NOWAIT", "SKIP"]
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(word))
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '_' | '"' | '`' | '[' | '#'))
}

/// Names with their schema and quotes, and single characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if first.is_whitespace() => {
                rest = &rest[first.len_utf8()..];
                continue;
            }
            _ if is_word(rest) => name_length(rest),
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(length.max(first.len_utf8()));
        tokens.push(token);
        rest = behind;
    }
    tokens
}

fn name_length(text: &str) -> usize {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match quote {
            Some(end) if char == end => quote = None,
            Some(_) => {}
            None => match char {
                '"' | '`' => quote = Some(char),
                '[' => quote = Some(']'),
                '.' | '_' | '$' | '#' => {}
                _ if char.is_alphanumeric() => {}
                _ => return at,
            },
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(statement: &str, summary: &str, collection: Option<&str>) {
        let words = Words::of(statement);
        assert_eq!((&*words.summary, words.collection.as_deref()), (summary, collection), "{statement}");
    }

    #[test]
    fn operations_and_tables() {
        check("SELECT 1", "SELECT", None);
        check("select a from t where b = 'x'", "SELECT t", Some("t"));
        check("SELECT * FROM \"Public\".\"Users\" u", "SELECT Public.Users", Some("Public.Users"));
        check("SELECT a FROM t1 JOIN t2 ON t1.x = t2.y", "SELECT t1 t2", None);
        check("SELECT a FROM t1 a, t2 AS b, t3 WHERE 1 = 1", "SELECT t1 t2 t3", None);
        check("SELECT a FROM t, u, v, w", "SELECT t u v", None);
        check("INSERT INTO t(a, b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = 1", "INSERT t", Some("t"));
        check("INSERT INTO t SELECT a FROM u", "INSERT t u", None);
        check("UPDATE t SET a = 1 WHERE b = 2", "UPDATE t", Some("t"));
        check("UPDATE ONLY t SET a = 1 FROM u", "UPDATE t u", None);
        check("DELETE FROM `t` WHERE a = ?", "DELETE t", Some("t"));
        check("SELECT a FROM t FOR UPDATE SKIP LOCKED", "SELECT t", Some("t"));
        check("BEGIN", "BEGIN", None);
        check("PRAGMA journal_mode", "PRAGMA", None);
        check("", "", None);
        check("-- nothing", "", None);
        check("  (SELECT a FROM t) UNION (SELECT a FROM u)", "SELECT t u", None);
    }

    #[test]
    fn what_looks_like_a_table_and_is_none() {
        check("SELECT extract(year FROM at) FROM t", "SELECT t", Some("t"));
        check("SELECT a FROM t WHERE a IS DISTINCT FROM b", "SELECT t", Some("t"));
        check("SELECT * FROM generate_series(1, 3)", "SELECT", None);
        check("SELECT a FROM (SELECT b FROM u) x", "SELECT u", Some("u"));
        check("WITH x AS (SELECT a FROM t) SELECT a FROM x", "SELECT t", Some("t"));
        check("WITH x AS (SELECT a FROM t) INSERT INTO u SELECT a FROM x", "INSERT t u", None);
        check("SELECT 'a FROM secret' FROM t", "SELECT t", Some("t"));
    }

    #[test]
    fn definitions() {
        check("CREATE TABLE IF NOT EXISTS t (a int)", "CREATE TABLE t", Some("t"));
        check("CREATE UNIQUE INDEX i ON t (a)", "CREATE INDEX t", Some("t"));
        check("DROP TABLE t", "DROP TABLE t", Some("t"));
        check("TRUNCATE t", "TRUNCATE t", Some("t"));
    }

    #[test]
    fn the_text_is_one_line_without_literals() {
        let words = Words::of("SELECT a\n   FROM t -- bob\n  WHERE b = 'bob@example.com'\tAND c IN (1, 2)");
        assert_eq!(words.text, "SELECT a FROM t WHERE b = ? AND c IN (?)");
        let long = Words::of(&format!("SELECT {} FROM t", "é, ".repeat(2000)));
        assert_eq!(long.text.chars().count(), LONGEST);
        assert_eq!(long.collection.as_deref(), Some("t"));
    }

    #[test]
    fn cutting_keeps_characters_whole() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
        assert_eq!(cut("", 3), "");
    }
}
