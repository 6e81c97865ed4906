//! A function as it was written.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility};

use super::Body;

/// A function: attributes and signature parsed, the body left as it is, so that half-typed code expands too.
pub(crate) struct FnItem {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    /// `default` of specialisation.
    default: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// Absent where the function ends in a semicolon.
    pub(crate) body: Option<Body>,
    semicolon: Option<Token![;]>,
}

impl Parse for FnItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = Attribute::parse_outer(input)?;
        Self::parse_after(attrs, input)
    }
}

impl FnItem {
    /// A function whose attributes have been read already.
    pub(crate) fn parse_after(attrs: Vec<Attribute>, input: ParseStream<'_>) -> syn::Result<Self> {
        let vis = input.parse()?;
        let default = if input.peek(Token![default]) { Some(input.parse()?) } else { None };
        let sig = input.parse()?;
        let semicolon: Option<Token![;]> = input.parse()?;
        let body = if semicolon.is_some() { None } else { Some(Body::new(parse_braces(input)?)) };
        Ok(Self { attrs, vis, default, sig, body, semicolon })
    }

    /// Whether a function follows, after its attributes.
    pub(crate) fn peek(input: ParseStream<'_>) -> bool {
        let fork = input.fork();
        if fork.parse::<Visibility>().is_err() {
            return false;
        }
        let _: syn::Result<Option<Token![default]>> = fork.parse();
        loop {
            if fork.peek(Token![fn]) {
                return true;
            }
            let word = fork.peek(Token![const])
                || fork.peek(Token![async])
                || fork.peek(Token![unsafe])
                || fork.peek(Token![extern])
                || fork.peek(syn::LitStr);
            if !word || fork.parse::<TokenTree>().is_err() {
                return false;
            }
        }
    }

    /// The function with a body that may be new.
    pub(crate) fn with(&self, body: &TokenStream) -> TokenStream {
        let Self { attrs, vis, default, sig, body: _, semicolon } = self;
        quote!(#(#attrs)* #vis #default #sig #body #semicolon)
    }

    /// The same with statements before the user's own, if there are any.
    pub(crate) fn as_written_with(&self, statements: &TokenStream) -> TokenStream {
        match &self.body {
            Some(body) if !statements.is_empty() => {
                let (inner_attrs, block) = (body.inner_attrs(), body.statements());
                self.with(&body.wrap(quote!(#inner_attrs #statements #block)))
            }
            _ => self.as_written(),
        }
    }

    /// The function as it was written, in its own words.
    pub(crate) fn as_written(&self) -> TokenStream {
        let Some(body) = &self.body else { return self.with(&TokenStream::new()) };
        self.with(&body.as_written())
    }
}

impl ToTokens for FnItem {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.as_written());
    }
}

/// The attributes that decide whether something is there at all, and the others.
pub(crate) fn cfgs_apart(attrs: &mut Vec<Attribute>) -> (Vec<Attribute>, Vec<Attribute>) {
    let (mut cfgs, mut others) = (Vec::new(), Vec::new());
    for attr in std::mem::take(attrs) {
        if attr.path().is_ident("cfg") { &mut cfgs } else { &mut others }.push(attr);
    }
    (cfgs, others)
}

fn parse_braces(input: ParseStream<'_>) -> syn::Result<Group> {
    if !input.peek(syn::token::Brace) {
        return Err(input.error("expected the function's body or `;`"));
    }
    let body = input.cursor();
    ungrouped(input.parse()?).ok_or_else(|| syn::Error::new(body.span(), "expected the function's body or `;`"))
}

/// The braces without the invisible brackets of `macro_rules!` (`$body:block`) around them.
fn ungrouped(body: TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = body else { return None };
    if group.delimiter() != Delimiter::None {
        return Some(group);
    }
    let mut inner = group.stream().into_iter();
    let body = inner.next()?;
    inner.next().is_none().then(|| ungrouped(body))?
}
