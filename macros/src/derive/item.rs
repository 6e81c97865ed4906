//! What a derive stands above.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, Generics, Ident, Token, Variant};

/// A struct, an enum or a union, as any of syn's own items: its `DeriveInput` would be a feature more to compile, for the same.
pub(crate) struct Item {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) data: Data,
}

/// What is in it.
pub(crate) enum Data {
    Struct(Fields),
    Enum { enum_token: Token![enum], variants: Punctuated<Variant, Token![,]> },
    Union { union_token: Token![union] },
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(match input.parse()? {
            syn::Item::Struct(item) => {
                Self { attrs: item.attrs, ident: item.ident, generics: item.generics, data: Data::Struct(item.fields) }
            }
            syn::Item::Enum(item) => Self {
                attrs: item.attrs,
                ident: item.ident,
                generics: item.generics,
                data: Data::Enum { enum_token: item.enum_token, variants: item.variants },
            },
            syn::Item::Union(item) => Self {
                attrs: item.attrs,
                ident: item.ident,
                generics: item.generics,
                data: Data::Union { union_token: item.union_token },
            },
            _ => return Err(syn::Error::new(Span::call_site(), "a derive goes on a struct or an enum")),
        })
    }
}
