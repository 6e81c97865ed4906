//! SQL statements without their literals: what is left names tables and columns, is the same for every call, and holds no data.
//!
//! The dialect is not known. Where dialects differ about where a literal ends, the longer reading is taken: nothing that may be data
//! stays.

use std::borrow::Cow;

use super::Redactor;
use super::redactor::Cleaned;

impl Redactor {
    /// The statement with `?` for its literals and without comments. Placeholders (`$1`, `?`, `:name`, `@p1`) stay; lists behind
    /// `IN` become `(?)` and further rows behind `VALUES` go, so that the statement is the same for any number of values.
    ///
    /// ```
    /// # use watchpost::redact::Redactor;
    /// let statement = "SELECT * FROM users WHERE email = 'bob@example.com' AND id IN (1, 2, 3) AND team = $1";
    /// assert_eq!(Redactor::new().sql(statement), "SELECT * FROM users WHERE email = ? AND id IN (?) AND team = $1");
    /// ```
    pub fn sql<'t>(&self, statement: &'t str) -> Cow<'t, str> {
        self.clean_sql(statement).0
    }

    /// Counts the text literals and what else is secret; numbers go as well, but are hardly ever.
    pub(super) fn clean_sql<'t>(&self, statement: &'t str) -> (Cow<'t, str>, u64) {
        let (normal, literals) = normalise(statement);
        match normal {
            Cow::Borrowed(statement) => {
                let (clean, found) = self.clean(statement);
                (clean, literals + found)
            }
            Cow::Owned(statement) => {
                let (clean, found) = self.clean(&statement);
                (Cow::Owned(clean.into_owned()), literals + found)
            }
        }
    }
}

/// Behind these stands a text, even one that looks like a name.
const MATCHERS: [&[u8]; 7] = [b"like", b"ilike", b"glob", b"match", b"regexp", b"rlike", b"between"];

/// What stands for a literal.
const MARK: &str = "?";

/// The statement without literals, and how many text literals it had.
fn normalise(statement: &str) -> (Cow<'_, str>, u64) {
    let mut walk = Statement {
        bytes: statement.as_bytes(),
        out: Cleaned::new(statement),
        has_backticks: statement.contains('`'),
        word: &[],
        last: 0,
        literals: 0,
        rows: None,
    };
    let mut at = 0;
    while at < walk.bytes.len() {
        at = walk.step(at);
    }
    (walk.out.finish(), walk.literals)
}

struct Statement<'t> {
    bytes: &'t [u8],
    out: Cleaned<'t>,
    /// MySQL, where texts may stand in double quotes.
    has_backticks: bool,
    /// The last word that is no name in quotes.
    word: &'t [u8],
    /// The last byte that is no space.
    last: u8,
    literals: u64,
    /// Rows to leave out: behind the bracket at the first place, up to the second.
    rows: Option<(usize, usize)>,
}

impl Statement<'_> {
    /// What begins at `at`; returns where it ends.
    fn step(&mut self, at: usize) -> usize {
        let bytes = self.bytes;
        let byte = bytes[at];
        if let Some(end) = comment_end(bytes, at) {
            return self.leave_out_comment(at, end);
        }
        if let Some(end) = placeholder_end(bytes, at) {
            self.last = byte;
            return end;
        }
        if let Some((end, is_text)) = literal_end(bytes, at) {
            // A point behind a name or a bracket selects.
            self.out.put(at, end, MARK);
            self.literals += u64::from(is_text);
            self.last = b'?';
            return end;
        }
        match byte {
            b'"' => self.in_double_quotes(at),
            b'`' => {
                self.last = byte;
                bytes[at + 1..].iter().position(|&byte| byte == b'`').map_or(bytes.len(), |length| at + length + 2)
            }
            _ if is_name(byte) => {
                let end = name_end(bytes, at);
                self.last = byte;
                self.word = &bytes[at..end];
                self.list_behind_word(end)
            }
            b')' if self.rows.is_some_and(|(from, _)| from == at) => {
                self.last = byte;
                let (from, to) = self.rows.take().unwrap_or((at, at + 1));
                self.out.put(from + 1, to, "");
                to
            }
            b' ' | b'\t' | b'\r' | b'\n' => at + 1,
            _ => {
                self.last = byte;
                at + 1
            }
        }
    }

    fn leave_out_comment(&mut self, at: usize, end: usize) -> usize {
        let start = at - self.bytes[..at].iter().rev().take_while(|byte| **byte == b' ').count();
        let start = start.max(self.out.done());
        let between = start > 0 && self.bytes.get(end).is_some_and(|byte| !byte.is_ascii_whitespace());
        self.out.put(start, end, if between { " " } else { "" });
        end
    }

    /// A list behind `IN`, rows behind `VALUES`; `at` is the end of the word.
    fn list_behind_word(&mut self, at: usize) -> usize {
        let open = skip_spaces(self.bytes, at);
        if self.bytes.get(open) != Some(&b'(') {
            return at;
        }
        if self.word.eq_ignore_ascii_case(b"in")
            && let Some(list) = list(self.bytes, open)
            && list.values > 1
        {
            self.out.put(open + 1, list.close, MARK);
            self.literals += list.texts;
            self.last = b'?';
            return list.close;
        }
        if self.word.eq_ignore_ascii_case(b"values")
            && let Some(first) = list(self.bytes, open)
        {
            let mut end = first.close + 1;
            loop {
                let comma = skip_spaces(self.bytes, end);
                let next = skip_spaces(self.bytes, comma + 1);
                if self.bytes.get(comma) != Some(&b',') || self.bytes.get(next) != Some(&b'(') {
                    break;
                }
                let Some(row) = list(self.bytes, next) else { break };
                self.literals += row.texts;
                end = row.close + 1;
            }
            if end > first.close + 1 {
                self.rows = Some((first.close, end));
            }
        }
        at
    }

    /// A name in standard SQL, a text in MySQL and SQLite.
    fn in_double_quotes(&mut self, at: usize) -> usize {
        let end = quoted_end(self.bytes, at, true);
        let content = &self.bytes[at + 1..end.saturating_sub(1).max(at + 1)];
        let is_dotted = self.last == b'.' || self.bytes.get(end) == Some(&b'.');
        let looks_like_name =
            content.iter().all(|&byte| is_name(byte) || byte.is_ascii_digit() || matches!(byte, b'$' | b'-'));
        let compares = matches!(self.last, b'=' | b'<' | b'>');
        let is_listed =
            matches!(self.last, b'(' | b',') && [&b"in"[..], b"values"].iter().any(|word| self.follows(word));
        let is_matched = self.last.is_ascii_alphabetic() && MATCHERS.iter().any(|word| self.follows(word));
        let is_text = self.has_backticks || compares || is_listed || is_matched || !looks_like_name;
        if is_text && !is_dotted {
            self.out.put(at, end, MARK);
            self.literals += 1;
        }
        self.last = b'"';
        end
    }

    fn follows(&self, word: &[u8]) -> bool {
        self.word.eq_ignore_ascii_case(word)
    }
}

struct List {
    close: usize,
    values: usize,
    texts: u64,
}

/// The list that opens at `open`, if it holds nothing but literals and placeholders.
fn list(bytes: &[u8], open: usize) -> Option<List> {
    let mut found = List { close: open, values: 0, texts: 0 };
    let mut at = open + 1;
    loop {
        at = skip_spaces(bytes, at);
        if matches!(bytes.get(at), Some(b'-' | b'+')) {
            at += 1;
        }
        at = match literal_end(bytes, at) {
            Some((end, is_text)) => {
                found.texts += u64::from(is_text);
                end
            }
            None => placeholder_end(bytes, at).or_else(|| constant_end(bytes, at))?,
        };
        found.values += 1;
        // A cast: `$1::uuid`.
        if bytes[at..].starts_with(b"::") {
            at = name_end(bytes, at + 2);
            at += usize::from(bytes[at..].starts_with(b"[]")) * 2;
        }
        at = skip_spaces(bytes, at);
        match bytes.get(at)? {
            b',' => at += 1,
            b')' => return Some(List { close: at, ..found }),
            _ => return None,
        }
    }
}

fn constant_end(bytes: &[u8], at: usize) -> Option<usize> {
    let end = name_end(bytes, at);
    let word = &bytes[at.min(end)..end];
    [&b"null"[..], b"true", b"false", b"default"]
        .iter()
        .any(|constant| word.eq_ignore_ascii_case(constant))
        .then_some(end)
}

/// The end of the literal that begins at `at`, and whether it is a text: `'..'`, `E'..'`, `X'..'`, `$tag$..$tag$`, `1.5e3`, `0xff`.
fn literal_end(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    let byte = *bytes.get(at)?;
    match byte {
        b'\'' => Some((quoted_end(bytes, at, false), true)),
        b'$' => {
            let tag = name_end(bytes, at + 1);
            let tag = (bytes.get(tag) == Some(&b'$')).then(|| &bytes[at..=tag])?;
            let start = at + tag.len();
            let end = bytes[start..].windows(tag.len()).position(|window| window == tag);
            Some((end.map_or(bytes.len(), |end| start + end + tag.len()), true))
        }
        b'0'..=b'9' => Some((number_end(bytes, at), false)),
        b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
            let behind_name = at > 0 && (is_name(bytes[at - 1]) || matches!(bytes[at - 1], b'"' | b'`' | b']' | b')'));
            (!behind_name).then(|| (number_end(bytes, at), false))
        }
        _ if is_name(byte) => {
            let name = name_end(bytes, at);
            let quote = name + usize::from(bytes[name..].starts_with(b"&'"));
            let escapes = matches!(&bytes[at..name], b"e" | b"E") || byte == b'_';
            (bytes.get(quote) == Some(&b'\'')).then(|| (quoted_end(bytes, quote, escapes), true))
        }
        _ => None,
    }
}

/// Digits, point, exponent, and whatever word they run into.
fn number_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(&byte) = bytes.get(end) {
        let is_sign =
            matches!(byte, b'+' | b'-') && matches!(bytes[end - 1], b'e' | b'E') && !bytes[at..].starts_with(b"0x");
        let is_sign = is_sign && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !(is_name(byte) || byte.is_ascii_digit() || byte == b'.' || end > at && is_sign) {
            break;
        }
        end += 1;
    }
    end
}

/// Behind the quote that closes the one at `at`; the quote doubled does not. `escapes`: nor does it behind a backslash.
fn quoted_end(bytes: &[u8], at: usize, escapes: bool) -> usize {
    let quote = bytes[at];
    let mut pos = at + 1;
    while let Some(&byte) = bytes.get(pos) {
        let next = bytes.get(pos + 1).copied();
        pos += match byte {
            b'\\' if escapes || next == Some(b'\\') => 2,
            // An escaped quote for MySQL, the literal's end elsewhere: everything up to the last quote may be data.
            b'\\' if next == Some(quote) => {
                return bytes.iter().rposition(|&byte| byte == quote).map_or(bytes.len(), |last| last + 1);
            }
            _ if byte == quote && next == Some(quote) => 2,
            _ if byte == quote => return pos + 1,
            _ => 1,
        };
    }
    bytes.len()
}

/// The end of the placeholder that begins at `at`: `?`, `?1`, `$1`, `:name`, `:1`, `@p1`; also of a cast, whose type is no placeholder.
fn placeholder_end(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| super::scan::run(bytes, from, |byte| byte.is_ascii_digit());
    match bytes.get(at)? {
        b'?' => Some(digits(at + 1)),
        b'$' => Some(digits(at + 1)).filter(|&end| end > at + 1),
        b':' if bytes.get(at + 1) == Some(&b':') => Some(name_end(bytes, at + 2)),
        mark @ (b':' | b'@') => {
            let twice = usize::from(*mark == b'@' && bytes.get(at + 1) == Some(&b'@'));
            Some(name_end(bytes, at + 1 + twice)).filter(|&end| end > at + 1)
        }
        b'%' if matches!(bytes.get(at + 1), Some(b's' | b'd')) => Some(at + 2),
        _ => None,
    }
}

/// The end of the comment that begins at `at`. Block comments nest in some dialects: taken so, they are longer.
fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    let line_end = || super::scan::run(bytes, at, |byte| byte != b'\n');
    match (bytes[at], bytes.get(at + 1)) {
        (b'-', Some(b'-')) => Some(line_end()),
        (b'#', Some(byte)) if byte.is_ascii_whitespace() => Some(line_end()),
        (b'/', Some(b'*')) => {
            let mut depth = 1;
            let mut pos = at + 2;
            while depth > 0 {
                match bytes.get(pos..pos + 2) {
                    Some(b"/*") => (depth, pos) = (depth + 1, pos + 2),
                    Some(b"*/") => (depth, pos) = (depth - 1, pos + 2),
                    Some(_) => pos += 1,
                    None => return Some(bytes.len()),
                }
            }
            Some(pos)
        }
        _ => None,
    }
}

fn name_end(bytes: &[u8], at: usize) -> usize {
    super::scan::run(bytes, at, |byte| is_name(byte) || byte.is_ascii_digit())
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn skip_spaces(bytes: &[u8], at: usize) -> usize {
    super::scan::run(bytes, at.min(bytes.len()), |byte| byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[track_caller]
    fn check(statement: &str, expected: &str) {
        assert_eq!(normalise(statement).0, expected, "{statement}");
        assert_eq!(normalise(expected).0, expected, "a second time");
    }

    #[test]
    fn literals() {
        for (statement, expected) in [
            ("SELECT 'a'", "SELECT ?"),
            ("SELECT 'it''s', 1.5e-3, -2, .5, 0xFF, 1e10", "SELECT ?, ?, -?, ?, ?, ?"),
            ("SELECT E'it\\'s' , 'b'", "SELECT ? , ?"),
            ("SELECT X'1F', B'01', N'x', U&'d', _utf8'é'", "SELECT ?, ?, ?, ?, ?"),
            ("SELECT $$it's$$, $tag$ $$ x $tag$ FROM t", "SELECT ?, ? FROM t"),
            ("SELECT DATE '2026-01-01'", "SELECT DATE ?"),
            ("UPDATE t1 SET c2 = 17 WHERE t1.id3 = 4", "UPDATE t1 SET c2 = ? WHERE t1.id3 = ?"),
            ("WHERE a = 'cut off", "WHERE a = ?"),
            ("WHERE a = $$cut off", "WHERE a = ?"),
            ("SELECT data->>'key' FROM t", "SELECT data->>? FROM t"),
            ("CREATE TABLE t (a varchar(255))", "CREATE TABLE t (a varchar(?))"),
            ("SELECT a FROM t LIMIT 10 OFFSET 20", "SELECT a FROM t LIMIT ? OFFSET ?"),
            ("SELECT '秘密' AS 名前", "SELECT ? AS 名前"),
        ] {
            check(statement, expected);
        }
    }

    #[test]
    fn what_stays() {
        for statement in [
            "",
            "SELECT a, b FROM t WHERE id = $1 AND x = ? AND y = :name AND z = @p1 AND v = %s",
            "SELECT \"a\".\"b\" FROM \"t\" WHERE \"a\".\"b\" = \"c\".\"d\" AND \"e\" = $1",
            "SELECT `a` FROM `t`",
            "SELECT $1::uuid, a::int4[]",
            "INSERT INTO \"t\" (\"a\", \"b\") VALUES ($1, $2)",
            "SELECT * FROM t WHERE a IN ($1)",
            "SELECT a FROM t1 JOIN t2 ON t1.x = t2.y",
            "COMMIT",
            "SELECT [a] FROM #temp",
            "SELECT a #> b",
            "SELECT count(*) FROM 予約 WHERE a IS NULL AND b = TRUE",
            "SET @@session_x = @y",
        ] {
            check(statement, statement);
        }
    }

    #[test]
    fn texts_in_double_quotes() {
        check("SELECT `a` FROM `t` WHERE `b` = \"bob\" OR f(\"x\")", "SELECT `a` FROM `t` WHERE `b` = ? OR f(?)");
        check(
            "SELECT a FROM t WHERE b = \"bob\" AND c IN (\"x\", upper(\"y\"))",
            "SELECT a FROM t WHERE b = ? AND c IN (?, upper(?))".replace("upper(?)", "upper(\"y\")").as_str(),
        );
        check("SELECT a FROM t WHERE b LIKE \"bob%\"", "SELECT a FROM t WHERE b LIKE ?");
        check(
            "SELECT a FROM t WHERE b GLOB \"bob\" OR b BETWEEN \"bob\" AND ?",
            "SELECT a FROM t WHERE b GLOB ? OR b BETWEEN ? AND ?",
        );
        check("INSERT INTO t VALUES (\"x\", now())", "INSERT INTO t VALUES (?, now())");
    }

    #[test]
    fn lists_and_rows() {
        check("a IN (1, 2, 3) AND b", "a IN (?) AND b");
        check("a in ($1, $2,$3)", "a in (?)");
        check("a IN ('x', -1, NULL, $2::text)", "a IN (?)");
        check("a IN (SELECT b FROM t WHERE c = 1)", "a IN (SELECT b FROM t WHERE c = ?)");
        check("VALUES ($1, $2), ($3, $4), ($5, $6) RETURNING id", "VALUES ($1, $2) RETURNING id");
        check("VALUES (1, 'a'), (2, 'b') ON CONFLICT", "VALUES (?, ?) ON CONFLICT");
        check("VALUES (now(), 1), (now(), 2)", "VALUES (now(), ?), (now(), ?)");
        assert_eq!(normalise("a IN ('x', 1, 'y') OR b = 'z'").1, 3, "texts are counted");
    }

    #[test]
    fn comments() {
        check("SELECT a -- it's bob\nFROM t", "SELECT a\nFROM t");
        check("SELECT a /* it's */ FROM t /*traceparent='00-1'*/", "SELECT a FROM t");
        check("SELECT/* a */b", "SELECT b");
        check("SELECT a # it's\nFROM t", "SELECT a\nFROM t");
        check("SELECT a /* /* x */ 'b' */ FROM t", "SELECT a FROM t");
        check("SELECT a /* cut off 'x", "SELECT a");
        check("-- only", "");
    }

    #[test]
    fn where_dialects_differ_the_longer_reading_is_taken() {
        check("WHERE a = 'C:\\' AND b = 'bob'", "WHERE a = ?");
        check("WHERE a = 'it\\'s bob' AND b = 'x' LIMIT 1", "WHERE a = ? LIMIT ?");
        check("WHERE a = 'x\\\\' AND b = 'y'", "WHERE a = ? AND b = ?");
    }
}
