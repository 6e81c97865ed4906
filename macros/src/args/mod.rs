//! The grammar of the attributes: arguments by name, each at most once.

pub(crate) mod capture;
pub(crate) mod duration;
mod field;
mod main;
pub(crate) mod monitor;
pub(crate) mod task;
pub(crate) mod value;

pub(crate) use capture::{CaptureArgs, LEVELS, Level};
pub(crate) use field::{Field, How, listed};
pub(crate) use main::{MainArgs, OnConfigError};
pub(crate) use monitor::MonitorArgs;
pub(crate) use task::{Report, TaskArgs};

use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Token};

use crate::checks::nearest;
use crate::errors::{Errors, list};

/// An argument's value, with the word that it was given under.
#[derive(Clone)]
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// What a function does not say itself, its block says.
fn inherit<T: Clone>(own: &mut Option<T>, block: &Option<T>) {
    if own.is_none() {
        own.clone_from(block);
    }
}

/// What an attribute is called, and the words that its arguments have.
pub(crate) struct Grammar {
    pub(crate) attribute: &'static str,
    pub(crate) words: &'static [&'static str],
}

/// The arguments of one attribute.
pub(crate) trait Arguments {
    fn grammar(&self) -> &'static Grammar;

    /// Where the name goes that stands first, without a word; nothing for attributes that take none.
    fn name(&mut self) -> Option<&mut Option<Rc<LitStr>>>;

    /// Reads what follows a word that it knows.
    fn word(&mut self, key: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()>;
}

/// Reads the arguments; what cannot be read is told to `errors`, and the rest is read all the same.
pub(crate) fn parse<A: Arguments + Default>(tokens: TokenStream, errors: &mut Errors) -> A {
    let mut args = A::default();
    read(&mut args, tokens, errors);
    args
}

fn read(args: &mut dyn Arguments, tokens: TokenStream, errors: &mut Errors) {
    let parser = |input: ParseStream<'_>| {
        let mut first = true;
        each(input, errors, &mut |input, errors| {
            let first = std::mem::take(&mut first);
            if input.peek(LitStr) { positional(args, input, first, errors) } else { keyed(args, input, errors) }
        });
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.add(error);
    }
}

/// Reads a list with commas; after a mistake it goes on behind the next comma.
pub(crate) fn each(
    input: ParseStream<'_>,
    errors: &mut Errors,
    read: &mut dyn FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<()>,
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

fn positional(args: &mut dyn Arguments, input: ParseStream<'_>, first: bool, errors: &mut Errors) -> syn::Result<()> {
    let name: LitStr = input.parse()?;
    let Grammar { attribute, words } = args.grammar();
    match args.name() {
        None => errors
            .push(&name, format!("`{attribute}` takes no name; its arguments have words, as in `{} = ..`", words[0])),
        Some(Some(_)) => errors.push(&name, "the name is given twice; keep one"),
        Some(_) if !first => errors.push(&name, "the name stands first, before the other arguments"),
        Some(slot) => *slot = Some(Rc::new(name)),
    }
    Ok(())
}

fn keyed(args: &mut dyn Arguments, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
    let grammar = args.grammar();
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format!("expected an argument's name; {}", known(grammar))));
    }
    let key = input.call(Ident::parse_any)?;
    let word = key.to_string();
    if grammar.words.contains(&word.as_str()) {
        return args.word(key, input, errors);
    }
    let is_named = args.name().is_some();
    let mut message = unknown(&word, grammar, is_named);
    if is_named && value::at_end(input) && message.ends_with(&known(grammar)) {
        message.push_str(&format!("; a name stands in quotes, as in `{}(\"{word}\")`", grammar.attribute));
    }
    Err(syn::Error::new(key.span(), message))
}

fn known(grammar: &Grammar) -> String {
    format!("`{}` knows `{}`", grammar.attribute, list(grammar.words, "`, `"))
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

fn unknown(word: &str, grammar: &Grammar, is_named: bool) -> String {
    let attribute = grammar.attribute;
    if word == "name" && is_named {
        return format!("the name has no word; write it first, as in `{attribute}(\"..\")`");
    }
    for other in &[&monitor::GRAMMAR, &capture::GRAMMAR, &task::GRAMMAR] {
        if other.words.contains(&word) {
            return format!("`{word}` is an argument of `{}`, not of `{attribute}`", other.attribute);
        }
    }
    for (theirs, ours) in ELSEWHERE {
        if *theirs == word && grammar.words.contains(ours) {
            return format!("unknown argument `{word}`; did you mean `{ours}`?");
        }
    }
    match nearest::nearest(word, grammar.words) {
        Some(near) => format!("unknown argument `{word}`; did you mean `{near}`?"),
        None => format!("unknown argument `{word}`; {}", known(grammar)),
    }
}
