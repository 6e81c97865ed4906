//! The attributes' grammar, as far as the catalogue needs it. Whether it is right the macros say; here nothing is refused.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Meta, Path, Token};

/// Names that something of ours was imported under.
#[derive(Debug, Clone, Default)]
pub(super) struct Aliases(BTreeMap<String, String>);

/// What our attributes and derives are called.
const OURS: [&str; 6] =
    ["monitor_performance", "capture_errors", "monitored_task", "SentryContext", "SentryUser", "Classify"];

impl Aliases {
    pub(super) fn add(&mut self, alias: &str, name: &str) {
        if OURS.contains(&name) {
            self.0.insert(alias.to_owned(), name.to_owned());
        }
    }

    /// Which of ours a path names.
    fn name(&self, path: &Path) -> Option<&str> {
        let last = path.segments.last()?.ident.to_string();
        let ours = OURS.iter().copied().find(|ours| *ours == last);
        ours.or_else(|| path.get_ident().and_then(|_| self.0.get(&last)).map(String::as_str))
    }
}

/// The words of one attribute: flags have an empty value, what is no literal is kept as text.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    name: Option<String>,
    words: BTreeMap<String, Option<String>>,
}

impl Words {
    /// The name that stands first.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// A word's text.
    pub(super) fn text(&self, word: &str) -> Option<String> {
        self.words.get(word).cloned().flatten()
    }

    /// Whether the word is said at all.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains_key(word)
    }

    /// A duration in milliseconds.
    pub(super) fn millis(&self, word: &str) -> Option<u64> {
        millis(&self.text(word)?)
    }

    /// These words, and where they are silent those of the block around.
    pub(super) fn within(mut self, block: &Self) -> Self {
        for (word, value) in &block.words {
            self.words.entry(word.clone()).or_insert_with(|| value.clone());
        }
        self
    }

    fn read(tokens: TokenStream) -> Self {
        let mut words = Self::default();
        let mut tokens = tokens.into_iter().peekable();
        while tokens.peek().is_some() {
            let argument: Vec<TokenTree> = tokens.by_ref().take_while(|token| !is_comma(token)).collect();
            match argument.as_slice() {
                [TokenTree::Literal(name)] if words.name.is_none() => words.name = literal(name),
                [TokenTree::Ident(word), rest @ ..] => {
                    let value = match rest {
                        [TokenTree::Punct(equals), TokenTree::Literal(value)] if equals.as_char() == '=' => {
                            literal(value)
                        }
                        _ => None,
                    };
                    words.words.insert(word.to_string(), value);
                }
                _ => {}
            }
        }
        words
    }
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

fn literal(literal: &proc_macro2::Literal) -> Option<String> {
    syn::parse_str::<LitStr>(&literal.to_string()).ok().map(|text| text.value())
}

/// Calls `each` with every attribute of ours by its own name, those in `cfg_attr` included.
pub(super) fn ours(attrs: &[Attribute], aliases: &Aliases, each: &mut dyn FnMut(&str, Words)) {
    for attr in attrs {
        meta(&attr.meta, aliases, each);
    }
}

fn meta(meta: &Meta, aliases: &Aliases, each: &mut dyn FnMut(&str, Words)) {
    if let (Some(name), tokens) = (aliases.name(meta.path()), arguments(meta)) {
        each(name, Words::read(tokens));
    }
    for inner in behind_condition(meta) {
        self::meta(&inner, aliases, each);
    }
}

fn arguments(meta: &Meta) -> TokenStream {
    match meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}

/// What `cfg_attr(condition, ..)` puts there.
fn behind_condition(meta: &Meta) -> Vec<Meta> {
    match meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => metas(list.tokens.clone()).into_iter().skip(1).collect(),
        _ => Vec::new(),
    }
}

fn metas(tokens: TokenStream) -> Vec<Meta> {
    Punctuated::<Meta, Token![,]>::parse_terminated
        .parse2(tokens)
        .map(|list| list.into_iter().collect())
        .unwrap_or_default()
}

/// The derives of ours.
pub(super) fn derives(attrs: &[Attribute], aliases: &Aliases) -> Vec<String> {
    fn all(meta: &Meta, aliases: &Aliases, found: &mut Vec<String>) {
        if let Meta::List(list) = meta
            && list.path.is_ident("derive")
            && let Ok(paths) = Punctuated::<Path, Token![,]>::parse_terminated.parse2(list.tokens.clone())
        {
            found.extend(paths.iter().filter_map(|path| aliases.name(path)).map(str::to_owned));
        }
        behind_condition(meta).iter().for_each(|meta| all(meta, aliases, found));
    }
    let mut found = Vec::new();
    attrs.iter().for_each(|attr| all(&attr.meta, aliases, &mut found));
    found
}

/// The text behind a word in a helper attribute, as `category` in `#[classify(category = "payment")]`.
pub(super) fn helper(attrs: &[Attribute], attribute: &str, word: &str) -> Option<String> {
    fn find(meta: &Meta, attribute: &str, word: &str) -> Option<String> {
        let own = meta.path().is_ident(attribute).then(|| Words::read(arguments(meta)).text(word)).flatten();
        own.or_else(|| behind_condition(meta).iter().find_map(|meta| find(meta, attribute, word)))
    }
    attrs.iter().find_map(|attr| find(&attr.meta, attribute, word))
}

/// `"1m 30s"`
fn millis(text: &str) -> Option<u64> {
    let parser = |text: &str| {
        let mut sum: u64 = 0;
        let mut rest = text.trim();
        while !rest.is_empty() {
            let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
            let number: u64 = rest[..digits].parse().ok()?;
            rest = &rest[digits..];
            let letters = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
            let scale = match &rest[..letters] {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return None,
            };
            sum = sum.checked_add(number.checked_mul(scale)?)?;
            rest = rest[letters..].trim_start();
        }
        Some(sum)
    };
    parser(text)
}

/// Whether a type's last name is that of a `Result`, also behind a future.
pub(super) fn is_result(tokens: TokenStream) -> bool {
    let words: Vec<TokenTree> = flat(tokens);
    let names = words.iter().enumerate().filter_map(|(at, token)| match token {
        TokenTree::Ident(ident) if ident.to_string().ends_with("Result") => Some(at),
        _ => None,
    });
    // Outermost, or what a future comes to: nothing but futures, boxes and pins around it.
    let around = [
        "Pin",
        "Box",
        "BoxFuture",
        "LocalBoxFuture",
        "Future",
        "dyn",
        "impl",
        "Output",
        "std",
        "core",
        "alloc",
        "future",
        "pin",
        "boxed",
        "io",
        "futures",
        "crate",
        "self",
        "super",
    ];
    let first = names.min();
    first.is_some_and(|at| {
        words[..at].iter().enumerate().all(|(place, token)| match token {
            TokenTree::Ident(ident) => {
                let is_module = matches!(words.get(place + 1), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
                let is_lifetime =
                    place > 0 && matches!(&words[place - 1], TokenTree::Punct(punct) if punct.as_char() == '\'');
                is_module || is_lifetime || around.contains(&ident.to_string().as_str())
            }
            _ => true,
        })
    })
}

fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => flat(group.stream()),
            TokenTree::Group(group) => {
                // A tuple, a slice: what is in it is not the outcome.
                vec![TokenTree::Ident(proc_macro2::Ident::new("_group", group.span()))]
            }
            token => vec![token],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_what_is_not_needed_is_passed_over() {
        let tokens = "\"booking\", op = \"business.booking\", slow = \"1m 30s\", metric, id = job.id, \
            ignore = E::A { .. } | E::B, context = C { a: 1, b: vec![1, 2] }, category = r\"raw\", fields(a, b = ?c)";
        let words = Words::read(tokens.parse().unwrap());
        assert_eq!(words.name(), Some("booking"));
        assert_eq!(words.text("op").as_deref(), Some("business.booking"));
        assert_eq!(words.millis("slow"), Some(90_000));
        assert_eq!(words.text("category").as_deref(), Some("raw"));
        assert!(words.has("metric") && words.has("id") && words.has("context") && !words.has("b"));
    }

    #[test]
    fn the_outcome_is_told_by_the_types_name() {
        for (ty, expected) in [
            ("Result<(), E>", true),
            ("io::Result<u8>", true),
            ("sqlx::Result<Vec<u8>>", true),
            ("Pin<Box<dyn Future<Output = Result<(), E>> + Send + 'a>>", true),
            ("impl Future<Output = MyResult>", true),
            ("BoxFuture<'static, Result<(), E>>", true),
            ("Option<Result<(), E>>", false),
            ("(Result<(), E>, u8)", false),
            ("Vec<u8>", false),
        ] {
            assert_eq!(is_result(ty.parse().unwrap()), expected, "{ty}");
        }
    }
}
