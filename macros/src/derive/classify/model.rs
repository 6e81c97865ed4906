//! What was written on the error type, its variants and their fields.

use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, ExprLit, Fields, Ident, Lit, LitStr, Type};

use crate::args::{Keyed, LEVELS, Level, value};
use crate::crate_path::CratePath;
use crate::derive::item::{Data, Item};
use crate::derive::words::{read as read_words, unknown};
use crate::errors::Errors;

/// An error type that is to be classified.
pub(crate) struct Model<'a> {
    pub(crate) krate: Option<Keyed<CratePath>>,
    /// What is said of the whole type: a struct's policy, or what an enum's variants start from.
    pub(crate) policy: Policy,
    pub(crate) shape: Shape<'a>,
}

pub(crate) enum Shape<'a> {
    Struct { name: &'a Ident, delegate: Delegate<'a> },
    Enum { variants: Vec<Variant<'a>> },
}

pub(crate) struct Variant<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) policy: Policy,
    pub(crate) delegate: Delegate<'a>,
}

/// The fields that may be the error inside.
pub(crate) struct Delegate<'a> {
    /// Those that say `#[classify(delegate)]` themselves.
    pub(crate) said: Vec<(Ident, Inner<'a>)>,
    /// Those with `#[source]` or `#[from]`, or called `source`.
    pub(crate) sources: Vec<Inner<'a>>,
    pub(crate) all: Vec<Inner<'a>>,
}

/// A field.
#[derive(Clone)]
pub(crate) struct Inner<'a> {
    /// The name, or the index.
    pub(crate) member: TokenStream,
    pub(crate) ty: &'a Type,
}

/// The words of one policy, as they were said.
#[derive(Default)]
pub(crate) struct Policy {
    pub(crate) category: Option<Keyed<Rc<LitStr>>>,
    pub(crate) level: Option<Keyed<Level>>,
    pub(crate) ignore: Option<Keyed<()>>,
    pub(crate) expected: Option<Keyed<()>>,
    pub(crate) status: Option<Keyed<Status>>,
    pub(crate) http: Option<Keyed<Http>>,
    pub(crate) fingerprint: Option<Keyed<Texts>>,
    pub(crate) retry: Option<Keyed<Retry>>,
    pub(crate) delegate: Option<Keyed<()>>,
    /// Whether there is an attribute at all, be it one with mistakes.
    pub(crate) said: bool,
}

/// A span's status, by its name in Sentry and in the SDK.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status(&'static str);

impl ToTokens for Status {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        Ident::new(self.0, Span::mixed_site()).to_tokens(tokens);
    }
}

/// Sentry's statuses, all but `ok`: a span that ends with an error that is no failure is said by `expected`.
const STATUSES: [(&str, Status); 16] = [
    ("failed_precondition", Status("FailedPrecondition")),
    ("invalid_argument", Status("InvalidArgument")),
    ("deadline_exceeded", Status("DeadlineExceeded")),
    ("not_found", Status("NotFound")),
    ("already_exists", Status("AlreadyExists")),
    ("permission_denied", Status("PermissionDenied")),
    ("unauthenticated", Status("Unauthenticated")),
    ("resource_exhausted", Status("ResourceExhausted")),
    ("aborted", Status("Aborted")),
    ("out_of_range", Status("OutOfRange")),
    ("unimplemented", Status("Unimplemented")),
    ("unavailable", Status("Unavailable")),
    ("internal_error", Status("InternalError")),
    ("data_loss", Status("DataLoss")),
    ("cancelled", Status("Cancelled")),
    ("unknown_error", Status("UnknownError")),
];

/// Whether a task may try again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Retry {
    Never,
    Later,
}

const RETRIES: [(&str, Retry); 2] = [("never", Retry::Never), ("later", Retry::Later)];

impl ToTokens for Retry {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        Ident::new(&format!("{self:?}"), Span::mixed_site()).to_tokens(tokens);
    }
}

/// The status of a response that is not a success.
pub(crate) struct Http(pub(crate) u16);

impl Parse for Http {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        const HOW: &str = "an error's HTTP status is a number from 300 to 599; write `http = 402`";
        let value = input.parse::<Expr>()?;
        let status = match value::ungrouped(&value) {
            Expr::Lit(ExprLit { lit: Lit::Int(status), .. }) if status.suffix().is_empty() => {
                status.base10_parse().ok()
            }
            _ => None,
        };
        match status {
            Some(status @ 300..=599) => Ok(Self(status)),
            _ => Err(syn::Error::new_spanned(value, HOW)),
        }
    }
}

/// `["gateway", "timeout"]`
pub(crate) struct Texts(pub(crate) Vec<LitStr>);

impl Parse for Texts {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        const HOW: &str =
            "a fingerprint is a list of string literals; write `fingerprint = [\"payment\", \"timeout\"]`";
        let value = input.parse::<Expr>()?;
        let Expr::Array(list) = value::ungrouped(&value) else { return Err(syn::Error::new_spanned(value, HOW)) };
        let mut texts = Vec::new();
        for pair in list.elems.pairs() {
            match value::ungrouped(pair.into_value()) {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => texts.push(LitStr::new(&text.value(), text.span())),
                other => return Err(syn::Error::new_spanned(other, HOW)),
            }
        }
        Ok(Self(texts))
    }
}

const WORDS: [&str; 9] =
    ["category", "level", "ignore", "expected", "status", "http", "fingerprint", "retry", "delegate"];

/// Reads the item. `None` where nothing can be made of it.
pub(crate) fn read<'a>(item: &'a Item, errors: &mut Errors) -> Option<Model<'a>> {
    let mut krate = None;
    let policy = read_policy(&item.attrs, Some(&mut krate), errors);
    let shape = match &item.data {
        Data::Struct(fields) => Shape::Struct { name: &item.ident, delegate: read_fields(fields, errors) },
        Data::Enum { variants: written, .. } => {
            let mut variants = Vec::new();
            for pair in written.pairs() {
                let variant = pair.into_value();
                variants.push(Variant {
                    name: &variant.ident,
                    policy: read_policy(&variant.attrs, None, errors),
                    delegate: read_fields(&variant.fields, errors),
                });
            }
            Shape::Enum { variants }
        }
        Data::Union { union_token } => {
            errors.push(
                union_token,
                "which field of a union has the error cannot be told; derive `Classify` on an enum or a struct",
            );
            return None;
        }
    };
    Some(Model { krate, policy, shape })
}

fn read_policy(
    attributes: &[Attribute],
    mut krate: Option<&mut Option<Keyed<CratePath>>>,
    errors: &mut Errors,
) -> Policy {
    let mut policy =
        Policy { said: attributes.iter().any(|attribute| attribute.path().is_ident("classify")), ..Policy::default() };
    read_words(
        attributes,
        "classify",
        "`#[classify(category = \"payment\")]`, or `ignore`",
        errors,
        &mut |key, input, errors| match key.to_string().as_str() {
            "category" => value::text(&mut policy.category, key, input, errors),
            "level" => value::choice(&mut policy.level, key, LEVELS, "warning", input, errors),
            "ignore" => value::flag(&mut policy.ignore, key, input, errors),
            "expected" => value::flag(&mut policy.expected, key, input, errors),
            "status" => value::choice(&mut policy.status, key, &STATUSES, "failed_precondition", input, errors),
            "http" => value::expression(&mut policy.http, key, input, errors),
            "fingerprint" => value::expression(&mut policy.fingerprint, key, input, errors),
            "retry" => value::choice(&mut policy.retry, key, &RETRIES, "never", input, errors),
            "delegate" => value::flag(&mut policy.delegate, key, input, errors),
            "crate" => match &mut krate {
                Some(krate) => value::expression(krate, key, input, errors),
                None => Err(syn::Error::new(key.span(), "`crate` belongs on the whole type; move it there")),
            },
            _ => Err(unknown(&key, &WORDS)),
        },
    );
    policy
}

fn read_fields<'a>(fields: &'a Fields, errors: &mut Errors) -> Delegate<'a> {
    let mut delegate = Delegate { said: Vec::new(), sources: Vec::new(), all: Vec::new() };
    for (member, field) in fields.members().zip(fields) {
        let inner = Inner { member: member.into_token_stream(), ty: &field.ty };
        let mut said = None::<Keyed<()>>;
        read_words(
            &field.attrs,
            "classify",
            "`#[classify(delegate)]`, or leave it out",
            errors,
            &mut |key, input, errors| match key.to_string().as_str() {
                "delegate" => value::flag(&mut said, key, input, errors),
                word if WORDS.contains(&word) => Err(syn::Error::new(
                    key.span(),
                    format_args!("`{word}` belongs on the variant or on the whole type; move it there"),
                )),
                _ => Err(unknown(&key, &["delegate"])),
            },
        );
        if let Some(said) = said {
            delegate.said.push((said.key, inner.clone()));
        }
        let marked = field
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("source") || attribute.path().is_ident("from"));
        if marked || field.ident.as_ref().is_some_and(|ident| ident == "source") {
            delegate.sources.push(inner.clone());
        }
        delegate.all.push(inner);
    }
    delegate
}
