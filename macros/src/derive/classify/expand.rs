//! The implementation of `Classify`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{DeriveInput, Ident, Type};

use super::check::find;
use super::model::{Delegate, Http, Model, Policy, Shape, Texts};
use crate::args::Keyed;
use crate::crate_path::Private;
use crate::derive::bounds::Bounds;
use crate::derive::how::Field;
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
pub(crate) fn expand(item: &DeriveInput, model: &Model<'_>) -> TokenStream {
    let private = Private::of(model.krate.as_ref().map(|krate| &krate.value));
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
            let arms = variants.iter().map(|variant| {
                let (name, text) = (variant.name, variant.name.unraw().to_string());
                let (pattern, policy) = policy(model, &variant.policy, &variant.delegate, &private, &mut bounds);
                quote!(Self::#name #pattern => #policy.with_variant(#text),)
            });
            let arms: Vec<_> = arms.collect();
            quote!(match self { #(#arms)* })
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
    let variants: &[_] = match &model.shape {
        Shape::Struct { .. } => &[],
        Shape::Enum { variants } => variants,
    };
    let policies = std::iter::once(&model.policy).chain(variants.iter().map(|variant| &variant.policy));
    let mut named = Vec::new();
    for category in policies.filter_map(|policy| policy.category.as_ref()) {
        let category = category.value.value();
        if !named.contains(&category) {
            named.push(category);
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
    fn first<'a, T>(layers: &[&'a Policy], word: impl Fn(&'a Policy) -> &'a Option<Keyed<T>>) -> Option<&'a T> {
        layers.iter().find_map(|layer| word(layer).as_ref()).map(|said| &said.value)
    }
    let category = first(layers, |policy| &policy.category).map(|category| quote!(.with_category(#category)));
    let level = first(layers, |policy| &policy.level).map(|level| quote!(.with_level(#private::Level::#level)));
    let ignore = first(layers, |policy| &policy.ignore).map(|()| quote!(.with_ignore()));
    let expected = first(layers, |policy| &policy.expected).map(|()| quote!(.with_expected()));
    let status =
        first(layers, |policy| &policy.status).map(|status| quote!(.with_status(#private::SpanStatus::#status)));
    let http = first(layers, |policy| &policy.http).map(|Http(http)| quote!(.with_http(#http)));
    let fingerprint =
        first(layers, |policy| &policy.fingerprint).map(|Texts(parts)| quote!(.with_fingerprint(&[#(#parts),*])));
    let retry = first(layers, |policy| &policy.retry).map(|retry| quote!(.with_retry(#private::Retry::#retry)));
    quote!(#private::Policy::new() #category #level #ignore #expected #status #http #fingerprint #retry)
}

/// An implementation that says nothing, beside errors.
pub(crate) fn dummy(item: &DeriveInput) -> TokenStream {
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
