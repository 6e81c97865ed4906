//! Keys of well-known providers, told by the prefix the provider gives them.

use super::{Span, begins_word, run};

/// A prefix, split where its first mark (`_`, `-`, `.`) or its capital `I` stands, and what must follow.
struct Prefix {
    before: &'static [u8],
    from_mark: &'static [u8],
    /// So many letters and digits at least.
    least: usize,
    /// Whether `_` and `-` count among them.
    marks: bool,
}

const fn plain(before: &'static str, from_mark: &'static str, least: usize) -> Prefix {
    Prefix { before: before.as_bytes(), from_mark: from_mark.as_bytes(), least, marks: false }
}

const fn marked(before: &'static str, from_mark: &'static str, least: usize) -> Prefix {
    Prefix { marks: true, ..plain(before, from_mark, least) }
}

#[rustfmt::skip]
const UNDERSCORE: &[Prefix] = &[
    // Stripe, also restricted keys and webhook secrets.
    plain("sk", "_live_", 8), plain("sk", "_test_", 8), plain("rk", "_live_", 8), plain("rk", "_test_", 8), plain("whsec", "_", 16),
    // GitHub.
    plain("ghp", "_", 16), plain("gho", "_", 16), plain("ghu", "_", 16), plain("ghs", "_", 16), plain("ghr", "_", 16),
    marked("github", "_pat_", 16),
    // npm, RubyGems, Hugging Face, DigitalOcean, Linear, Figma, Grafana.
    plain("npm", "_", 30), plain("rubygems", "_", 30), plain("hf", "_", 30), plain("dop", "_v1_", 16), plain("doo", "_v1_", 16),
    plain("lin", "_api_", 16), marked("figd", "_", 20), marked("glsa", "_", 20),
    // Shopify.
    plain("shpat", "_", 16), plain("shpss", "_", 16), plain("shpca", "_", 16), plain("shppa", "_", 16),
    // Sentry's own.
    marked("sntrys", "_", 20), plain("sntryu", "_", 20),
];

const DASH: &[Prefix] = &[
    // Slack.
    marked("xoxb", "-", 10),
    marked("xoxp", "-", 10),
    marked("xoxa", "-", 10),
    marked("xoxr", "-", 10),
    marked("xoxs", "-", 10),
    marked("xoxe", "-", 10),
    marked("xapp", "-", 10),
    // GitLab.
    marked("glpat", "-", 16),
    marked("gldt", "-", 16),
    marked("glrt", "-", 16),
    // Anthropic, OpenAI.
    marked("sk", "-ant-", 16),
    marked("sk", "-proj-", 16),
    marked("sk", "-svcacct-", 16),
    plain("sk", "-", 32),
    // PyPI, age, Square.
    marked("pypi", "-", 30),
    plain("AGE", "-SECRET-KEY-", 30),
    marked("sq0atp", "-", 16),
    marked("sq0csp", "-", 16),
];

const DOT: &[Prefix] = &[
    // SendGrid, HashiCorp Vault, Google's access tokens, Doppler.
    marked("SG", ".", 16),
    marked("hvs", ".", 20),
    marked("hvb", ".", 20),
    marked("ya29", ".", 20),
    marked("dp", ".pt.", 20),
];

const CAPITAL_I: &[Prefix] = &[
    // AWS: long-lived and temporary; Google.
    plain("AK", "IA", 16),
    plain("AS", "IA", 16),
    marked("A", "Iza", 30),
];

pub(super) fn after_underscore(bytes: &[u8], at: usize, floor: usize) -> Span {
    // The mark is frequent in code; most prefixes are told off by two letters.
    let pair = bytes.get(at.checked_sub(2)?..at)?;
    #[rustfmt::skip]
    let may_be = matches!(pair, b"sk" | b"rk" | b"ec" | b"hp" | b"ho" | b"hu" | b"hs" | b"hr" | b"ub" | b"pm" | b"ms" | b"hf" | b"op" | b"oo" |
        b"in" | b"gd" | b"sa" | b"at" | b"ss" | b"ca" | b"pa" | b"ys" | b"yu");
    if may_be { any(UNDERSCORE, bytes, at, floor) } else { None }
}

pub(super) fn after_dash(bytes: &[u8], at: usize, floor: usize) -> Span {
    let pair = bytes.get(at.checked_sub(2)?..at)?;
    #[rustfmt::skip]
    let may_be = matches!(pair, b"xb" | b"xp" | b"xa" | b"xr" | b"xs" | b"xe" | b"pp" | b"at" | b"dt" | b"rt" | b"sk" | b"pi" | b"GE" | b"tp" | b"sp");
    if may_be { any(DASH, bytes, at, floor) } else { None }
}

pub(super) fn after_dot(bytes: &[u8], at: usize, floor: usize) -> Span {
    let may_be = at > floor && matches!(bytes[at - 1], b'G' | b's' | b'b' | b'9' | b'p');
    if may_be { any(DOT, bytes, at, floor) } else { None }
}

pub(super) fn around_capital_i(bytes: &[u8], at: usize, floor: usize) -> Span {
    any(CAPITAL_I, bytes, at, floor)
}

fn any(prefixes: &[Prefix], bytes: &[u8], at: usize, floor: usize) -> Span {
    prefixes.iter().find_map(|prefix| {
        let start = at.checked_sub(prefix.before.len()).filter(|&start| start >= floor)?;
        let found = &bytes[start..at] == prefix.before && bytes[at..].starts_with(prefix.from_mark);
        if !found || !begins_word(bytes, start, floor) {
            return None;
        }
        let key = at + prefix.from_mark.len();
        let end = run(bytes, key, |byte| byte.is_ascii_alphanumeric() || prefix.marks && is_mark(byte));
        // What belongs to a key of the other sort goes with it.
        (end - key >= prefix.least)
            .then(|| (start, run(bytes, end, |byte| byte.is_ascii_alphanumeric() || is_mark(byte))))
    })
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_is_found() {
        let key = "0123456789abcdefghijklmnopqrstuvwxyz";
        type Rule = fn(&[u8], usize, usize) -> Span;
        let rules: [(&[Prefix], Rule); 4] =
            [(UNDERSCORE, after_underscore), (DASH, after_dash), (DOT, after_dot), (CAPITAL_I, around_capital_i)];
        for (prefixes, rule) in rules {
            for prefix in prefixes {
                let text = [b"a ", prefix.before, prefix.from_mark, key.as_bytes(), b" b"].concat();
                let found = rule(&text, 2 + prefix.before.len(), 0);
                assert_eq!(found, Some((2, text.len() - 2)), "{}", String::from_utf8_lossy(&text));
            }
        }
    }
}
