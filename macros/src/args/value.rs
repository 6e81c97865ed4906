//! What follows an argument's word.

use std::rc::Rc;
use std::time::Duration;

use proc_macro2::TokenTree;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, LitBool, LitStr, Token};

use super::{Keyed, duration};
use crate::checks::nearest::nearest;
use crate::errors::{Errors, list};

/// Keeps a value, unless there is one already.
pub(crate) fn put<T>(slot: &mut Option<Keyed<T>>, key: Ident, value: T, errors: &mut Errors) {
    if slot.is_some() {
        twice(&key, errors);
    } else {
        *slot = Some(Keyed { key, value });
    }
}

fn twice(key: &Ident, errors: &mut Errors) {
    errors.push(key, format!("`{key}` is given twice; keep one"));
}

/// A flag stands alone.
pub(crate) fn flag(
    slot: &mut Option<Keyed<()>>,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(syn::token::Paren) {
        return Err(input.error(format!("`{key}` takes no value; write it alone, or leave it out")));
    }
    put(slot, key, (), errors);
    Ok(())
}

/// A flag that may be denied: `future`, `future = false`.
pub(crate) fn switch(
    slot: &mut Option<Keyed<bool>>,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let value = if input.peek(Token![=]) {
        equals(&key, "false", input)?;
        let value: LitBool = input
            .parse()
            .map_err(|error| syn::Error::new(error.span(), format!("`{key}` is `{key}` or `{key} = false`")))?;
        value.value
    } else {
        true
    };
    put(slot, key, value, errors);
    Ok(())
}

/// `= value`, whatever the value may be.
pub(crate) fn expression<T: Parse>(
    slot: &mut Option<Keyed<T>>,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    equals(&key, example(&key), input)?;
    let value = input.parse()?;
    put(slot, key, value, errors);
    Ok(())
}

/// `= "text"`
pub(crate) fn text(
    slot: &mut Option<Keyed<Rc<LitStr>>>,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    // A name in capitals is a constant's, and no text that lacks its quotes.
    let meant = |text: &str| {
        let is_text = text.starts_with(char::is_alphabetic) && text.contains(char::is_lowercase);
        (is_text && !text.contains("::")).then(|| text.to_owned())
    };
    let value = literal(&key, example(&key), input, &meant)?;
    put(slot, key, Rc::new(value), errors);
    Ok(())
}

/// `= "250ms"`
pub(crate) fn time(
    slot: &mut Option<Keyed<Duration>>,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let text = literal(&key, example(&key), input, &|text| duration::parse(text).is_ok().then(|| text.to_owned()))?;
    match duration::parse(&text.value()) {
        Ok(value) => put(slot, key, value, errors),
        Err(message) => errors.push(&text, message),
    }
    Ok(())
}

/// `= "one of these"`
pub(crate) fn choice<T: Copy>(
    slot: &mut Option<Keyed<T>>,
    key: Ident,
    words: &[(&str, T)],
    example: &str,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let mut known = Vec::with_capacity(words.len());
    for (word, _) in words {
        known.push(*word);
    }
    if let Some(index) = chosen(&key, &known, example, input, errors)? {
        put(slot, key, words[index].1, errors);
    }
    Ok(())
}

/// Which of the words stands there; none where it is told that none does.
fn chosen(
    key: &Ident,
    known: &[&str],
    example: &str,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Option<usize>> {
    let alike = |text: &str| {
        let same = known.iter().copied().find(|word| letters(word) == letters(text));
        same.or_else(|| nearest(&text.to_lowercase(), known))
    };
    let example = format!("\"{example}\"");
    let text = literal(key, &example, input, &|text| alike(text).map(str::to_owned))?;
    let value = text.value();
    let index = known.iter().position(|word| *word == value);
    if index.is_none() {
        let message = match alike(&value) {
            Some(near) => format!("`{key}` knows no \"{value}\"; did you mean \"{near}\"?"),
            None => format!("`{key}` is one of \"{}\"", list(known, "\", \"")),
        };
        errors.push(&text, message);
    }
    Ok(index)
}

/// A word by its letters alone: `NotFound` and `not-found` are `not_found`.
fn letters(word: &str) -> String {
    let mut letters = String::new();
    for letter in word.to_lowercase().chars() {
        if letter.is_alphanumeric() {
            letters.push(letter);
        }
    }
    letters
}

/// A string literal. Where its quotes were forgotten, `meant` says what would be one.
fn literal(
    key: &Ident,
    example: &str,
    input: ParseStream<'_>,
    meant: &dyn Fn(&str) -> Option<String>,
) -> syn::Result<LitStr> {
    equals(key, example, input)?;
    let written = input.fork();
    input.parse().map_err(|error: syn::Error| {
        let remedy = match meant(&text_to_comma(&written)) {
            Some(text) => format!("; write `{key} = \"{text}\"`"),
            None => format!(", as in `{key} = {example}`"),
        };
        syn::Error::new(error.span(), format!("`{key}` takes a string literal{remedy}"))
    })
}

/// What stands before the next comma, without spaces.
pub(super) fn text_to_comma(input: ParseStream<'_>) -> String {
    let rest = input.fork();
    let mut text = String::new();
    while !at_end(&rest) {
        match rest.parse::<TokenTree>() {
            Ok(token) => text.push_str(&token.to_string()),
            Err(_) => break,
        }
    }
    text
}

/// Whether an argument ends here.
pub(super) fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn equals(key: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<()> {
    let message = || format!("`{key}` takes a value; write `{key} = {example}`");
    if input.peek(Token![=]) && !input.peek(Token![==]) {
        let _: Token![=] = input.parse()?;
        if !at_end(input) {
            return Ok(());
        }
    }
    // At the end of the arguments there is no token to point at but the word.
    Err(if at_end(input) { syn::Error::new(key.span(), message()) } else { input.error(message()) })
}

/// What a word's value looks like.
fn example(key: &Ident) -> &'static str {
    const EXAMPLES: &[(&str, &str)] = &[
        ("attempt", "job.attempt"),
        ("category", "\"payment\""),
        ("checkin_margin", "\"5m\""),
        ("configure", "setup"),
        ("context", "order"),
        ("crate", "::path"),
        ("cron", "\"0 3 * * *\""),
        ("enqueued_at", "job.created_at"),
        ("fingerprint", "[\"payment\", err.code()]"),
        ("http", "402"),
        ("id", "job.id"),
        ("ignore", "Error::NotFound"),
        ("lost", "job.lost"),
        ("max_attempts", "5"),
        ("max_runtime", "\"30m\""),
        ("op", "\"db.query\""),
        ("queue", "\"emails\""),
        ("slow", "\"500ms\""),
        ("slug", "\"nightly-report\""),
        ("timezone", "\"Europe/Berlin\""),
        ("trace", "job.headers"),
    ];
    EXAMPLES.iter().find(|(word, _)| key == word).map_or("\"..\"", |(_, example)| example)
}

/// The expression without the parentheses and the invisible brackets of `macro_rules!` around it.
pub(crate) fn ungrouped(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => &paren.expr,
            _ => return expr,
        };
    }
}
