//! `#[capture_errors(category = "..", level = "..", tags(..), fields(..), context = .., ignore = .., fingerprint = [..], args(..), late)]`

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Pat, Token};

use super::field::{Field, fields, joined};
use super::value::{choice, expression, flag, switch, text};
use super::{Arguments, Keyed};
use crate::crate_path::CratePath;
use crate::errors::Errors;

/// The arguments of `#[capture_errors]`.
#[derive(Clone, Default)]
pub(crate) struct CaptureArgs {
    pub(crate) category: Option<Keyed<LitStr>>,
    pub(crate) level: Option<Keyed<Level>>,
    pub(crate) tags: Option<Keyed<Vec<Field>>>,
    pub(crate) fields: Option<Keyed<Vec<Field>>>,
    pub(crate) context: Option<Keyed<Expr>>,
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

/// A pattern, alternatives included.
#[derive(Clone)]
pub(crate) struct Pattern(pub(crate) Pat);

impl Parse for Pattern {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if input.peek(Token![if]) {
            return Err(input.error(
                "`ignore` takes a pattern without a condition; write the values, as in `Error::Http(404 | 410)`",
            ));
        }
        Ok(Self(pattern))
    }
}

/// `["a", expr]`
#[derive(Clone)]
pub(crate) struct Parts(pub(crate) Vec<Expr>);

impl Parse for Parts {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(syn::token::Bracket) {
            return Err(input.error("`fingerprint` takes a list; write `fingerprint = [\"payment\", err.code()]`"));
        }
        let content;
        syn::bracketed!(content in input);
        let parts = Punctuated::<Expr, Token![,]>::parse_terminated(&content)?;
        Ok(Self(parts.into_iter().collect()))
    }
}

impl ToTokens for Level {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        Ident::new(&format!("{self:?}"), proc_macro2::Span::mixed_site()).to_tokens(tokens);
    }
}

impl Arguments for CaptureArgs {
    const ATTRIBUTE: &'static str = "capture_errors";
    const WORDS: &'static [&'static str] = &[
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
    ];

    fn name(&mut self) -> Option<&mut Option<LitStr>> {
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
        self.category = self.category.or_else(|| block.category.clone());
        self.level = self.level.or_else(|| block.level.clone());
        self.tags = joined(self.tags, block.tags.as_ref());
        self.fields = joined(self.fields, block.fields.as_ref());
        self.context = self.context.or_else(|| block.context.clone());
        self.ignore = self.ignore.or_else(|| block.ignore.clone());
        self.fingerprint = self.fingerprint.or_else(|| block.fingerprint.clone());
        self.args = joined(self.args, block.args.as_ref());
        self.late = self.late.or_else(|| block.late.clone());
        self.krate = self.krate.or_else(|| block.krate.clone());
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
