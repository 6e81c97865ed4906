//! What follows an argument's word.

use std::time::Duration;

use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitBool, LitStr, Token};

use super::{Keyed, duration};
use crate::checks::nearest::nearest;
use crate::errors::Errors;

/// Keeps a value, unless there is one already.
pub(crate) fn put<T>(slot: &mut Option<Keyed<T>>, key: Ident, value: T, errors: &mut Errors) {
    if slot.is_some() {
        errors.push(&key, format!("`{key}` is given twice; keep one"));
    } else {
        *slot = Some(Keyed { key, value });
    }
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
        equals(&key, "", input)?;
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
    equals(&key, "value", input)?;
    let value = input.parse()?;
    put(slot, key, value, errors);
    Ok(())
}

/// `= "text"`
pub(crate) fn text(
    slot: &mut Option<Keyed<LitStr>>,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let value = literal(&key, "..", input)?;
    put(slot, key, value, errors);
    Ok(())
}

/// `= "250ms"`
pub(crate) fn time(
    slot: &mut Option<Keyed<Duration>>,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let text = literal(&key, "500ms", input)?;
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
    let text = literal(&key, example, input)?;
    match words.iter().find(|(word, _)| *word == text.value()) {
        Some((_, value)) => put(slot, key, *value, errors),
        None => {
            let message = match nearest(&text.value(), words.iter().map(|(word, _)| *word)) {
                Some(near) => format!("`{key}` knows no \"{}\"; did you mean \"{near}\"?", text.value()),
                None => {
                    let known: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
                    format!("`{key}` is one of {}", known.join(", "))
                }
            };
            errors.push(&text, message);
        }
    }
    Ok(())
}

fn literal(key: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<LitStr> {
    equals(key, &format!("\"{example}\""), input)?;
    input.parse().map_err(|error: syn::Error| {
        syn::Error::new(error.span(), format!("`{key}` takes a string literal, as in `{key} = \"{example}\"`"))
    })
}

fn equals(key: &Ident, example: &str, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![=]) && !input.peek(Token![==]) {
        let _: Token![=] = input.parse()?;
        return Ok(());
    }
    let message = format!("`{key}` takes a value; write `{key} = {example}`");
    // At the end of the arguments there is no token to point at but the word.
    Err(if input.is_empty() || input.peek(Token![,]) {
        syn::Error::new(key.span(), message)
    } else {
        input.error(message)
    })
}
