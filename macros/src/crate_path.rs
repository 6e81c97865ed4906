//! Where the runtime is found: `::watchpost`, or what `crate = ::path` says.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;
use syn::parse::{Parse, ParseStream};

use crate::args::Keyed;
use crate::tokens::placed;

/// A path that means the same in every module.
#[derive(Clone)]
pub(crate) struct CratePath(TokenStream);

impl Parse for CratePath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::LitStr) {
            return Err(input.error("a crate is named without quotes; write `crate = ::path` or `crate = crate::path`"));
        }
        let path = input.call(Path::parse_mod_style)?;
        let first = path.segments.first().map(|segment| segment.ident.to_string());
        if path.leading_colon.is_none() && !matches!(first.as_deref(), Some("crate" | "$crate")) {
            return Err(syn::Error::new_spanned(
                &path,
                "a path that starts here means something else in every module; write `crate = ::path` or `crate = crate::path`",
            ));
        }
        Ok(Self(path.into_token_stream()))
    }
}

/// `#crate::__private`, at a place of its own so that names of the user's do not interfere.
#[derive(Clone)]
pub(crate) struct Private(TokenStream);

impl Private {
    /// The interface of the runtime that this path names.
    pub(crate) fn of(path: Option<&Keyed<CratePath>>) -> Self {
        let at = Span::mixed_site();
        Self(match path {
            Some(said) => {
                let path = &said.value.0;
                quote_spanned!(at=> #path::__private)
            }
            None => quote_spanned!(at=> ::watchpost::__private),
        })
    }
}

impl Private {
    /// The same at another place, where errors about it belong.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        placed(self.0.clone(), &|own| own.located_at(span))
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.clone());
    }
}
