//! The implementation of `SentryContext`.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::{Model, Recorded, What};
use crate::crate_path::Private;
use crate::derive::bounds::Bounds;
use crate::derive::how::{Sink, record};
use crate::derive::item::Item;
use crate::derive::site::registered;

const SINK: Sink = Sink { object: "__fields", method: "field" };

// Input:
//     struct PaymentContext<'a> {
//         payment_id: &'a str,
//         #[context(tag)] currency: Option<Currency>,
//         #[context(nested)] card: CardContext,
//     }
// Output:
//     impl<'a> SentryContext for PaymentContext<'a> {
//         fn name(&self) -> &'static str { "payment" }
//         fn fields(&self, __fields: &mut Fields) {
//             __fields.field("payment_id", value(&self.payment_id));
//             if let Some(__value) = &self.currency {
//                 __fields.tag("payment.currency", __value);
//                 __fields.field("currency", display(__value));
//             } else {
//                 __fields.no_tag("payment.currency");
//             }
//             __fields.nested("card", &self.card);
//         }
//     }
pub(crate) fn expand(item: &Item, model: &Model<'_>) -> TokenStream {
    let private = Private::of(model.krate.as_ref());
    let mut bounds = Bounds::new(item);
    let mut fields = TokenStream::new();
    for field in &model.fields {
        fields.extend(expand_field(model, field, &private, &mut bounds));
    }
    let header = bounds.header(&quote!(#private::SentryContext));
    let name = &model.name;
    let registered = registered(&private, "Context", Some(name), &item.ident, &[]);
    quote! {
        #header {
            fn name(&self) -> &'static ::core::primitive::str {
                #name
            }
            fn fields(&self, __fields: &mut #private::Fields) {
                #fields
            }
        }
        #registered
    }
}

fn expand_field(model: &Model<'_>, recorded: &Recorded<'_>, private: &Private, bounds: &mut Bounds<'_>) -> TokenStream {
    let field = &recorded.field;
    let key = recorded.key.as_ref().map_or("", |(key, _)| key);
    let (how, tag) = match &recorded.what {
        What::Flatten => {
            bounds.need(field.ty, &quote!(#private::Part));
            let part = field.access();
            return quote!(__fields.flatten(#part););
        }
        What::Nested => {
            bounds.need(field.ty, &quote!(#private::Part));
            let part = field.access();
            return quote!(__fields.nested(#key, #part););
        }
        What::Value { how, tag } => (*how, tag.is_some()),
    };
    let tag = tag.then(|| format!("{}.{key}", model.name));
    record(field, how, key, tag.as_deref(), &SINK, private, bounds)
}

/// An implementation that says nothing, beside errors.
pub(crate) fn dummy(item: &Item) -> TokenStream {
    let private = Private::of(None);
    let header = Bounds::new(item).header(&quote!(#private::SentryContext));
    quote! {
        #header {
            fn name(&self) -> &'static ::core::primitive::str {
                ""
            }
            fn fields(&self, _: &mut #private::Fields) {}
        }
    }
}
