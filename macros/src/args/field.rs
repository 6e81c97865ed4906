//! Fields in tracing's notation: `x`, `x = expr`, `x = %expr`, `x = ?expr`, `%x`, `?x`.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Token, token};

use super::{Keyed, each, value};
use crate::errors::Errors;

/// A value that is recorded under a key.
#[derive(Clone)]
pub(crate) struct Field {
    /// The key, at its own place.
    pub(crate) key: LitStr,
    pub(crate) how: How,
    pub(crate) value: TokenStream,
}

/// How the value becomes text or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// As it is.
    Bare,
    /// By `Debug`.
    Debug,
    /// By `Display`.
    Display,
}

/// `word(a, b = expr)`
pub(super) fn fields(
    slot: &mut Option<Keyed<Vec<Field>>>,
    key: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    if !input.peek(token::Paren) {
        let message = format!("`{key}` takes a list; write `{key}(name, other = value)`");
        return Err(if value::at_end(input) { syn::Error::new(key.span(), message) } else { input.error(message) });
    }
    let group: proc_macro2::Group = input.parse()?;
    let mut list: Vec<Field> = Vec::new();
    let parser = |input: ParseStream<'_>| {
        each(input, errors, |input, errors| {
            let field = field(input)?;
            let text = field.key.value();
            if list.iter().any(|known| known.key.value() == text) {
                errors.push(&field.key, format!("`{text}` is given twice; keep one"));
            } else {
                list.push(field);
            }
            Ok(())
        });
        Ok(())
    };
    let _: syn::Result<()> = parser.parse2(group.stream());
    value::put(slot, key, list, errors);
    Ok(())
}

/// The fields of a function and those of its block; the same key once, as the function has it.
pub(super) fn joined(own: Option<Keyed<Vec<Field>>>, block: Option<&Keyed<Vec<Field>>>) -> Option<Keyed<Vec<Field>>> {
    let Some(block) = block else { return own };
    let Some(mut own) = own else { return Some(block.clone()) };
    for field in &block.value {
        if !own.value.iter().any(|known| known.key.value() == field.key.value()) {
            own.value.push(field.clone());
        }
    }
    Some(own)
}

fn field(input: ParseStream<'_>) -> syn::Result<Field> {
    let at = input.span();
    if let Some(how) = sigil(input)? {
        if value::at_end(input) {
            return Err(syn::Error::new(at, "expected a field behind this; write `?name` or `%name`"));
        }
        let (key, value) = dotted(input)?;
        return Ok(Field { key, how, value });
    }
    if input.peek(Token![&]) || input.peek(Token![*]) {
        return Err(without_a_key(&TokenStream::new(), input));
    }
    let (key, value) = if input.peek(LitStr) {
        let key: LitStr = input.parse()?;
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(key.span(), "a key in quotes needs a value; write `\"key\" = value`"));
        }
        (key, TokenStream::new())
    } else {
        dotted(input)?
    };
    if input.peek(token::Paren) || input.peek(token::Bracket) || input.peek(Token![?]) || input.peek(Token![!]) {
        return Err(without_a_key(&value, input));
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        return Err(input.error(format!("a value stands behind `=`; write `{} = value`", key.value())));
    }
    if !input.peek(Token![=]) {
        return Ok(Field { key, how: How::Bare, value });
    }
    let _: Token![=] = input.parse()?;
    let how = sigil(input)?.unwrap_or(How::Bare);
    if value::at_end(input) {
        let name = key.value();
        return Err(syn::Error::new(key.span(), format!("`{name}` has no value; write `{name} = value`")));
    }
    let value: Expr = input.parse()?;
    Ok(Field { key, how, value: value.into_token_stream() })
}

/// An expression that is no path of names, where a field begins.
fn without_a_key(begun: &TokenStream, input: ParseStream<'_>) -> syn::Error {
    let value = format!("{begun}{}", value::text_to_comma(input)).replace(' ', "");
    let value = value.trim_end_matches('?');
    input.error(format!("an expression needs a key; write `key = {value}`"))
}

fn sigil(input: ParseStream<'_>) -> syn::Result<Option<How>> {
    if input.peek(Token![?]) {
        let _: Token![?] = input.parse()?;
        return Ok(Some(How::Debug));
    }
    if input.peek(Token![%]) {
        let _: Token![%] = input.parse()?;
        return Ok(Some(How::Display));
    }
    Ok(None)
}

/// `a.b.c` as a key and as an expression.
fn dotted(input: ParseStream<'_>) -> syn::Result<(LitStr, TokenStream)> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error("expected a field; write `name` or `name = value`"));
    }
    let mut path: Punctuated<Ident, Token![.]> = Punctuated::new();
    loop {
        path.push_value(input.call(Ident::parse_any)?);
        if !input.peek(Token![.]) {
            break;
        }
        let dot: Token![.] = input.parse()?;
        if value::at_end(input) {
            return Err(syn::Error::new_spanned(dot, "expected a name behind this dot"));
        }
        path.push_punct(dot);
        if !input.peek(Ident::peek_any) {
            return Err(without_a_key(&path.into_token_stream(), input));
        }
    }
    let text: Vec<_> = path.iter().map(|part| part.unraw().to_string()).collect();
    let span = path.first().map_or_else(Span::call_site, Ident::span);
    let span = path.last().and_then(|last| span.join(last.span())).unwrap_or(span);
    Ok((LitStr::new(&text.join("."), span), path.into_token_stream()))
}
