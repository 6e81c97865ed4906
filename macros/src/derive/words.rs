//! The words of a derive's attributes, `#[context(tag, rename = "currency")]`, in the grammar of the other attributes' arguments.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Meta};

use crate::args::{Keyed, each, value};
use crate::checks::nearest::nearest;
use crate::checks::secret_keys::{Kind, kind};
use crate::errors::{Errors, list};

/// Reads the words of all attributes called `name`; `word` reads what follows one that it knows. How such an attribute is written
/// is in `example`.
pub(crate) fn read(
    attributes: &[Attribute],
    name: &str,
    example: &str,
    errors: &mut Errors,
    word: &mut dyn FnMut(Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    for attribute in attributes {
        if !attribute.path().is_ident(name) {
            continue;
        }
        let list = match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => list,
            Meta::List(_) | Meta::Path(_) => {
                errors.push(&attribute.meta, format_args!("this says nothing; write {example}"));
                continue;
            }
            Meta::NameValue(_) => {
                errors.push(&attribute.meta, format_args!("`{name}` takes words in parentheses; write {example}"));
                continue;
            }
        };
        let parser = |input: ParseStream<'_>| {
            each(input, errors, &mut |input, errors| {
                if !input.peek(Ident::peek_any) {
                    return Err(input.error(format_args!("expected a word; write {example}")));
                }
                word(input.call(Ident::parse_any)?, input, errors)
            });
            Ok(())
        };
        if let Err(error) = parser.parse2(list.tokens.clone()) {
            errors.add(error);
        }
    }
}

/// A word out of several of which only one may be said: `why` not, is told at the second.
pub(crate) fn one_of<T>(
    slot: &mut Option<Keyed<T>>,
    key: Ident,
    said: T,
    why: &str,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<()> {
    let mut stands_alone = None;
    value::flag(&mut stands_alone, key.clone(), input, errors)?;
    match slot {
        Some(before) if before.key != key => excludes(&before.key, &key, why, errors),
        _ => value::put(slot, key, said, errors),
    }
    Ok(())
}

/// Two words that exclude each other, told at the second.
pub(crate) fn excludes(first: &Ident, second: &Ident, why: &str, errors: &mut Errors) {
    errors.push(second, format_args!("`{second}` does not go with `{first}`: {why}"));
}

/// A word that nobody knows here.
pub(crate) fn unknown(key: &Ident, known: &[&str]) -> syn::Error {
    let word = key.to_string();
    let message = match nearest(&word, known) {
        Some(near) => format!("unknown word `{word}`; did you mean `{near}`?"),
        None => format!("unknown word `{word}`; known here: `{}`", list(known, "`, `")),
    };
    syn::Error::new(key.span(), message)
}

/// A word above a struct that is none of a struct's: one of its fields' own, or one that nobody knows.
pub(crate) fn not_on_a_struct(key: &Ident, of_structs: &[&str], of_fields: &[&str]) -> syn::Error {
    let word = key.to_string();
    if of_fields.contains(&word.as_str()) {
        return syn::Error::new(key.span(), format_args!("`{word}` belongs on a field; move it there"));
    }
    unknown(key, of_structs)
}

/// Which of a field's names, its own or the key that it is sent under, looks like what must not leave unseen, and what that is.
/// A field that is renamed is still the field that it was.
pub(crate) fn secret(ident: Option<&Ident>, key: &str) -> Option<(String, &'static str)> {
    let looks = |name: String| match kind(&name) {
        Kind::Secret => Some((name, "a secret")),
        Kind::Personal => Some((name, "personal data")),
        Kind::Innocent => None,
    };
    ident.and_then(|ident| looks(ident.unraw().to_string())).or_else(|| looks(key.to_owned()))
}
