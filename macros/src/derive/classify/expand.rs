//! The implementation of `Classify`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::check::find;
use super::model::{Delegate, Http, Model, Policy, Shape, Texts};
use crate::args::Keyed;
use crate::crate_path::Private;
use crate::derive::bounds::Bounds;
use crate::derive::how::Field;
use crate::derive::item::Item;
use crate::derive::site::registered;

// Input:
//     #[classify(category = "payment")]
//     enum PaymentError {
//         #[classify(level = "warning", http = 402)] Declined { code: String },
//         #[classify(delegate, retry = "later")] Gateway(#[source] GatewayError),
//     }
// Output:
//     impl Classify for PaymentError {
//         fn classify(&self) -> Policy {
//             match self {
//                 Self::Declined { .. } =>
//                     Policy::new().with_category("payment").with_level(Level::Warning).with_http(402).with_variant("Declined"),
//                 Self::Gateway { 0: __inner, .. } =>
//                     Policy::new().with_retry(Retry::Later).or(Classify::classify(__inner))
//                         .or(Policy::new().with_category("payment")).with_variant("Gateway"),
//             }
//         }
//     }
pub(crate) fn expand(item: &Item, model: &Model<'_>) -> TokenStream {
    let private = Private::of(model.krate.as_ref());
    let mut bounds = Bounds::new(item);
    let body = match &model.shape {
        Shape::Struct { delegate, .. } => {
            let said = words(&[&model.policy], &private);
            match find(&model.policy, delegate) {
                None => said,
                Some(inner) => {
                    let inner = Field { member: inner.member, ident: None, ty: inner.ty };
                    let asked = ask(inner.ty, &inner.access(), &private, &mut bounds);
                    quote!(#said.or(#asked))
                }
            }
        }
        Shape::Enum { variants } if variants.is_empty() => quote!(match *self {}),
        Shape::Enum { variants } => {
            let mut arms = TokenStream::new();
            for variant in variants {
                let (name, text) = (variant.name, variant.name.unraw().to_string());
                let (pattern, policy) = policy(model, &variant.policy, &variant.delegate, &private, &mut bounds);
                arms.extend(quote!(Self::#name #pattern => #policy.with_variant(#text),));
            }
            quote!(match self { #arms })
        }
    };
    let header = bounds.header(&quote!(#private::Classify));
    let registered = registered(&private, "Errors", None, &item.ident, &categories(model));
    quote! {
        #header {
            fn classify(&self) -> #private::Policy {
                #body
            }
        }
        #registered
    }
}

/// Every category that is named, once.
fn categories(model: &Model<'_>) -> Vec<String> {
    let mut named = Vec::new();
    let mut add = |policy: &Policy| {
        let Some(category) = &policy.category else { return };
        let category = category.value.value();
        if !named.contains(&category) {
            named.push(category);
        }
    };
    add(&model.policy);
    if let Shape::Enum { variants } = &model.shape {
        for variant in variants {
            add(&variant.policy);
        }
    }
    named
}

/// A variant's pattern and its policy: its own words, then those of the error inside, then those of the whole type.
fn policy(
    model: &Model<'_>,
    own: &Policy,
    delegate: &Delegate<'_>,
    private: &Private,
    bounds: &mut Bounds<'_>,
) -> (TokenStream, TokenStream) {
    let Some(inner) = find(own, delegate) else {
        return (quote!({ .. }), words(&[own, &model.policy], private));
    };
    let (said, member) = (words(&[own], private), &inner.member);
    // What the type lacks is told at the type.
    let value = Ident::new("__inner", Span::mixed_site().located_at(inner.ty.span()));
    let asked = ask(inner.ty, &quote!(#value), private, bounds);
    let defaults = model.policy.said.then(|| {
        let defaults = words(&[&model.policy], private);
        quote!(.or(#defaults))
    });
    (quote!({ #member: #value, .. }), quote!(#said.or(#asked)#defaults))
}

fn ask(ty: &Type, value: &TokenStream, private: &Private, bounds: &mut Bounds<'_>) -> TokenStream {
    bounds.need(ty, &quote!(#private::Classify));
    quote!(#private::Classify::classify(#value))
}

/// `Policy::new().with_..()..`; each word is said by the first of the layers that has it.
fn words(layers: &[&Policy], private: &Private) -> TokenStream {
    let mut all: [Option<TokenStream>; 8] = Default::default();
    for layer in layers {
        for (known, said) in all.iter_mut().zip(said(layer, private)) {
            if known.is_none() {
                *known = said;
            }
        }
    }
    let [category, level, ignore, expected, status, http, fingerprint, retry] = all;
    quote!(#private::Policy::new() #category #level #ignore #expected #status #http #fingerprint #retry)
}

/// The words of one policy, in the order in which they are written.
fn said(policy: &Policy, private: &Private) -> [Option<TokenStream>; 8] {
    let Policy { category, level, ignore, expected, status, http, fingerprint, retry, delegate: _, said: _ } = policy;
    [
        category.as_ref().map(|Keyed { value, .. }| quote!(.with_category(#value))),
        level.as_ref().map(|Keyed { value, .. }| quote!(.with_level(#private::Level::#value))),
        ignore.as_ref().map(|_| quote!(.with_ignore())),
        expected.as_ref().map(|_| quote!(.with_expected())),
        status.as_ref().map(|Keyed { value, .. }| quote!(.with_status(#private::SpanStatus::#value))),
        http.as_ref().map(|Keyed { value, .. }| {
            let Http(http) = value;
            quote!(.with_http(#http))
        }),
        fingerprint.as_ref().map(|Keyed { value, .. }| {
            let Texts(parts) = value;
            quote!(.with_fingerprint(&[#(#parts),*]))
        }),
        retry.as_ref().map(|Keyed { value, .. }| quote!(.with_retry(#private::Retry::#value))),
    ]
}

/// An implementation that says nothing, beside errors.
pub(crate) fn dummy(item: &Item) -> TokenStream {
    let private = Private::of(None);
    let header = Bounds::new(item).header(&quote!(#private::Classify));
    quote! {
        #header {
            fn classify(&self) -> #private::Policy {
                #private::Policy::new()
            }
        }
    }
}
