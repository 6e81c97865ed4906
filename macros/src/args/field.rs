//! Fields in tracing's notation: `x`, `x = expr`, `x = %expr`, `x = ?expr`, `%x`, `?x`.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, LitStr, Token, token};

use super::{Keyed, each, value};
use crate::errors::Errors;
use crate::tokens::without_spaces;

/// A value that is recorded under a key.
#[derive(Clone)]
pub(crate) struct Field {
    /// The key, at its own place.
    pub(crate) key: Rc<LitStr>,
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
        each(input, errors, &mut |input, errors| {
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

/// Those of a list, if there is one.
pub(crate) fn listed(list: &Option<Keyed<Vec<Field>>>) -> &[Field] {
    list.as_ref().map_or(&[], |list| &list.value)
}

/// The fields of a function and those of its block; the same key once, as the function has it.
pub(super) fn joined(own: &Option<Keyed<Vec<Field>>>, block: &Option<Keyed<Vec<Field>>>) -> Option<Keyed<Vec<Field>>> {
    let Some(Keyed { key, value }) = own else { return block.clone() };
    let mut all = value.clone();
    for field in listed(block) {
        if !all.iter().any(|known| known.key.value() == field.key.value()) {
            all.push(field.clone());
        }
    }
    Some(Keyed { key: key.clone(), value: all })
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
        (Rc::new(key), TokenStream::new())
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
    let value = without_spaces(&format!("{begun}{}", value::text_to_comma(input)));
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
fn dotted(input: ParseStream<'_>) -> syn::Result<(Rc<LitStr>, TokenStream)> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error("expected a field; write `name` or `name = value`"));
    }
    let (mut path, mut text) = (TokenStream::new(), String::new());
    let first = input.span();
    let last = loop {
        let part = input.call(Ident::parse_any)?;
        text.push_str(&part.unraw().to_string());
        part.to_tokens(&mut path);
        if !input.peek(Token![.]) {
            break part.span();
        }
        let dot: Token![.] = input.parse()?;
        if value::at_end(input) {
            return Err(syn::Error::new_spanned(dot, "expected a name behind this dot"));
        }
        text.push('.');
        dot.to_tokens(&mut path);
        if !input.peek(Ident::peek_any) {
            return Err(without_a_key(&path, input));
        }
    };
    let span = first.join(last).unwrap_or(first);
    Ok((Rc::new(LitStr::new(&text, span)), path))
}
