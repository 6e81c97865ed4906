//! The bounds of a generic implementation: on those types alone that a type parameter is part of.

use super::item::Item;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{Ident, Token, Type, WhereClause};

/// Collects what the fields' types must have.
pub(crate) struct Bounds<'a> {
    item: &'a Item,
    parameters: Vec<&'a Ident>,
    predicates: Vec<TokenStream>,
}

impl<'a> Bounds<'a> {
    pub(crate) fn new(item: &'a Item) -> Self {
        let mut parameters = Vec::new();
        for parameter in item.generics.type_params() {
            parameters.push(&parameter.ident);
        }
        Self { item, parameters, predicates: Vec::new() }
    }

    /// Needs `ty: bound`, if a type parameter is part of `ty`. A type that the item itself is part of would ask for the
    /// implementation that is being written, for ever: it is left out.
    pub(crate) fn need(&mut self, ty: &Type, bound: &TokenStream) {
        if self.parameters.is_empty() || !mentions(ty.to_token_stream(), &|name| self.parameters.contains(&name)) {
            return;
        }
        if mentions(ty.to_token_stream(), &|name| *name == self.item.ident) {
            return;
        }
        let predicate = quote!(#ty: #bound);
        if !self.predicates.iter().any(|known| known.to_string() == predicate.to_string()) {
            self.predicates.push(predicate);
        }
    }

    /// `impl<..> TRAIT for Item<..> where ..`.
    pub(crate) fn header(&self, of: &TokenStream) -> TokenStream {
        let Self { item, predicates, .. } = self;
        let name = &item.ident;
        let (parameters, arguments, conditions) = item.generics.split_for_impl();
        let conditions = conditions_with(conditions, predicates);
        quote! {
            #[automatically_derived]
            impl #parameters #of for #name #arguments #conditions
        }
    }
}

/// A `where` clause with more in it.
fn conditions_with(own: Option<&WhereClause>, more: &[TokenStream]) -> Option<TokenStream> {
    if own.is_none() && more.is_empty() {
        return None;
    }
    let comma = own.is_some_and(|own| !own.predicates.empty_or_trailing() && !more.is_empty());
    let comma = comma.then(<Token![,]>::default);
    let own = own.map(|own| &own.predicates);
    Some(quote!(where #own #comma #(#more),*))
}

fn mentions(tokens: TokenStream, of: &dyn Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => of(&name),
        TokenTree::Group(group) => mentions(group.stream(), of),
        _ => false,
    })
}
