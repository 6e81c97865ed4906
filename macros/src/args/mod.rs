//! The grammar of the attributes: arguments by name, each at most once.

mod capture;
pub(crate) mod duration;
mod field;
mod main;
mod monitor;
mod task;
pub(crate) mod value;

pub(crate) use capture::{CaptureArgs, LEVELS, Level};
pub(crate) use field::{Field, How};
pub(crate) use main::{MainArgs, OnConfigError};
pub(crate) use monitor::MonitorArgs;
pub(crate) use task::{Report, TaskArgs};

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Token};

use crate::checks::nearest;
use crate::errors::Errors;

/// An argument's value, with the word that it was given under.
#[derive(Clone)]
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// The arguments of one attribute.
pub(crate) trait Arguments: Default {
    /// The attribute's name.
    const ATTRIBUTE: &'static str;
    /// The words that it knows.
    const WORDS: &'static [&'static str];

    /// Where the name goes that stands first, without a word; nothing for attributes that take none.
    fn name(&mut self) -> Option<&mut Option<LitStr>>;

    /// Reads what follows a word that it knows.
    fn word(&mut self, key: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()>;
}

/// Reads the arguments; what cannot be read is told to `errors`, and the rest is read all the same.
pub(crate) fn parse<A: Arguments>(tokens: TokenStream, errors: &mut Errors) -> A {
    let mut args = A::default();
    let parser = |input: ParseStream<'_>| {
        let mut first = true;
        each(input, errors, |input, errors| {
            let first = std::mem::take(&mut first);
            if input.peek(LitStr) {
                positional(&mut args, input, first, errors)
            } else {
                keyed(&mut args, input, errors)
            }
        });
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.add(error);
    }
    args
}

/// Reads a list with commas; after a mistake it goes on behind the next comma.
pub(crate) fn each(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut read: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
) {
    while !input.is_empty() {
        let read = read(input, errors);
        let failed = read.is_err();
        if let Err(error) = read {
            errors.add(error);
        } else if !input.is_empty() && !input.peek(Token![,]) {
            errors.add(input.error("expected `,`"));
        }
        if failed || !input.peek(Token![,]) {
            while !input.is_empty() && !input.peek(Token![,]) {
                let _: syn::Result<TokenTree> = input.parse();
            }
        }
        let _: syn::Result<Token![,]> = input.parse();
    }
}

fn positional<A: Arguments>(args: &mut A, input: ParseStream<'_>, first: bool, errors: &mut Errors) -> syn::Result<()> {
    let name: LitStr = input.parse()?;
    match args.name() {
        None => errors.push(
            &name,
            format!("`{}` takes no name; its arguments have words, as in `{} = ..`", A::ATTRIBUTE, A::WORDS[0]),
        ),
        Some(Some(_)) => errors.push(&name, "the name is given twice; keep one"),
        Some(_) if !first => errors.push(&name, "the name stands first, before the other arguments"),
        Some(slot) => *slot = Some(name),
    }
    Ok(())
}

fn keyed<A: Arguments>(args: &mut A, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format!("expected an argument's name; {}", known::<A>())));
    }
    let key = input.call(Ident::parse_any)?;
    let alone = value::at_end(input) && A::default().name().is_some();
    if A::WORDS.iter().any(|word| key == word) {
        return args.word(key, input, errors);
    }
    let mut message = unknown::<A>(&key.to_string());
    if alone && message.ends_with(&known::<A>()) {
        message.push_str(&format!("; a name stands in quotes, as in `{}(\"{key}\")`", A::ATTRIBUTE));
    }
    Err(syn::Error::new(key.span(), message))
}

fn known<A: Arguments>() -> String {
    format!("`{}` knows `{}`", A::ATTRIBUTE, A::WORDS.join("`, `"))
}

/// What other tools call it.
const ELSEWHERE: &[(&str, &str)] = &[
    ("margin", "checkin_margin"),
    ("max_retries", "max_attempts"),
    ("monitor_slug", "slug"),
    ("operation", "op"),
    ("retries", "max_attempts"),
    ("schedule", "cron"),
    ("severity", "level"),
    ("threshold", "slow"),
    ("tz", "timezone"),
];

fn unknown<A: Arguments>(word: &str) -> String {
    if word == "name" && A::default().name().is_some() {
        return format!("the name has no word; write it first, as in `{}(\"..\")`", A::ATTRIBUTE);
    }
    let others = [
        (MonitorArgs::ATTRIBUTE, MonitorArgs::WORDS),
        (CaptureArgs::ATTRIBUTE, CaptureArgs::WORDS),
        (TaskArgs::ATTRIBUTE, TaskArgs::WORDS),
    ];
    if let Some((other, _)) = others.iter().find(|(_, words)| words.contains(&word)) {
        return format!("`{word}` is an argument of `{other}`, not of `{}`", A::ATTRIBUTE);
    }
    if let Some((_, ours)) = ELSEWHERE.iter().find(|(theirs, ours)| *theirs == word && A::WORDS.contains(ours)) {
        return format!("unknown argument `{word}`; did you mean `{ours}`?");
    }
    match nearest::nearest(word, A::WORDS.iter().copied()) {
        Some(near) => format!("unknown argument `{word}`; did you mean `{near}`?"),
        None => format!("unknown argument `{word}`; {}", known::<A>()),
    }
}
