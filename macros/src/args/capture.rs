//! `#[capture_errors(category = "..", level = "..", tags(..), fields(..), context = .., ignore = .., fingerprint = [..], args(..), late)]`

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, LitStr, Pat, Token};

use super::field::{Field, fields, joined};
use super::value::{choice, expression, flag, switch, text};
use super::{Arguments, Grammar, Keyed, inherit};
use crate::crate_path::CratePath;
use crate::errors::Errors;

/// The arguments of `#[capture_errors]`.
#[derive(Default)]
pub(crate) struct CaptureArgs {
    pub(crate) category: Option<Keyed<Rc<LitStr>>>,
    pub(crate) level: Option<Keyed<Level>>,
    pub(crate) tags: Option<Keyed<Vec<Field>>>,
    pub(crate) fields: Option<Keyed<Vec<Field>>>,
    pub(crate) context: Option<Keyed<Context>>,
    pub(crate) ignore: Option<Keyed<Pattern>>,
    pub(crate) fingerprint: Option<Keyed<Parts>>,
    pub(crate) args: Option<Keyed<Vec<Field>>>,
    pub(crate) late: Option<Keyed<()>>,
    pub(crate) skip: Option<Keyed<()>>,
    pub(crate) future: Option<Keyed<bool>>,
    pub(crate) krate: Option<Keyed<CratePath>>,
}

/// The level of an event, under its name in the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warning,
    Error,
    Fatal,
}

pub(crate) const LEVELS: &[(&str, Level)] = &[
    ("debug", Level::Debug),
    ("info", Level::Info),
    ("warning", Level::Warning),
    ("error", Level::Error),
    ("fatal", Level::Fatal),
];

/// An expression, as tokens: those of a block are its functions' as well.
#[derive(Clone)]
pub(crate) struct Context(pub(crate) TokenStream);

impl Parse for Context {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self(input.parse::<Expr>()?.into_token_stream()))
    }
}

/// A pattern, alternatives included.
#[derive(Clone)]
pub(crate) struct Pattern(pub(crate) TokenStream);

impl Parse for Pattern {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if input.peek(Token![if]) {
            return Err(input.error(
                "`ignore` takes a pattern without a condition; write the values, as in `Error::Http(404 | 410)`",
            ));
        }
        Ok(Self(pattern.into_token_stream()))
    }
}

/// `["a", expr]`
#[derive(Clone)]
pub(crate) struct Parts(pub(crate) Vec<TokenStream>);

impl Parse for Parts {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(syn::token::Bracket) {
            return Err(input.error("`fingerprint` takes a list; write `fingerprint = [\"payment\", err.code()]`"));
        }
        let content;
        syn::bracketed!(content in input);
        let mut parts = Vec::new();
        while !content.is_empty() {
            parts.push(content.parse::<Expr>()?.into_token_stream());
            if !content.is_empty() {
                let _: Token![,] = content.parse()?;
            }
        }
        Ok(Self(parts))
    }
}

impl ToTokens for Level {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        Ident::new(&format!("{self:?}"), proc_macro2::Span::mixed_site()).to_tokens(tokens);
    }
}

/// Its words.
pub(crate) static GRAMMAR: Grammar = Grammar {
    attribute: "capture_errors",
    words: &[
        "category",
        "level",
        "tags",
        "fields",
        "context",
        "ignore",
        "fingerprint",
        "args",
        "late",
        "skip",
        "future",
        "crate",
    ],
};

impl Arguments for CaptureArgs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    fn name(&mut self) -> Option<&mut Option<Rc<LitStr>>> {
        None
    }

    fn word(&mut self, key: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        match key.to_string().as_str() {
            "category" => text(&mut self.category, key, input, errors),
            "level" => choice(&mut self.level, key, LEVELS, "warning", input, errors),
            "tags" => fields(&mut self.tags, key, input, errors),
            "fields" => fields(&mut self.fields, key, input, errors),
            "context" => expression(&mut self.context, key, input, errors),
            "ignore" => expression(&mut self.ignore, key, input, errors),
            "fingerprint" => expression(&mut self.fingerprint, key, input, errors),
            "args" => fields(&mut self.args, key, input, errors),
            "late" => flag(&mut self.late, key, input, errors),
            "skip" => flag(&mut self.skip, key, input, errors),
            "future" => switch(&mut self.future, key, input, errors),
            _ => expression(&mut self.krate, key, input, errors),
        }
    }
}

impl CaptureArgs {
    /// These arguments on a function in a block that has those: the function's own win.
    pub(crate) fn within(mut self, block: &Self) -> Self {
        inherit(&mut self.category, &block.category);
        inherit(&mut self.level, &block.level);
        self.tags = joined(&self.tags, &block.tags);
        self.fields = joined(&self.fields, &block.fields);
        inherit(&mut self.context, &block.context);
        inherit(&mut self.ignore, &block.ignore);
        inherit(&mut self.fingerprint, &block.fingerprint);
        self.args = joined(&self.args, &block.args);
        inherit(&mut self.late, &block.late);
        inherit(&mut self.krate, &block.krate);
        self
    }

    /// Whether anything is said besides `skip`.
    pub(crate) fn says_more_than_skip(&self) -> bool {
        let Self { category, level, tags, fields, context, ignore, fingerprint, args, late, skip: _, future, krate: _ } =
            self;
        category.is_some()
            || level.is_some()
            || tags.is_some()
            || fields.is_some()
            || context.is_some()
            || ignore.is_some()
            || fingerprint.is_some()
            || args.is_some()
            || late.is_some()
            || future.is_some()
    }
}
