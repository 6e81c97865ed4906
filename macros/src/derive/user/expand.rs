//! The implementation of `SentryUser`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

use super::model::{Model, Recorded, What};
use crate::crate_path::Private;
use crate::derive::bounds::Bounds;
use crate::derive::how::{How, Sink, bound, displayed, record};
use crate::derive::item::Item;
use crate::derive::site::registered;

const SINK: Sink = Sink { object: "__user", method: "data" };

// Input:
//     struct Claims {
//         #[user(id)] sub: String,
//         #[user(email)] mail: Option<String>,
//         #[user(tag)] role: Role,
//         location_id: u32,
//     }
// Output:
//     impl SentryUser for Claims {
//         fn fields(&self, __user: &mut UserFields) {
//             __user.id(&self.sub);
//             if let Some(__value) = &self.mail { __user.email(__value); }
//             __user.tag("user.role", &self.role);
//             __user.data("role", display(&self.role));
//             __user.data("location_id", value(&self.location_id));
//         }
//     }
pub(crate) fn expand(item: &Item, model: &Model<'_>) -> TokenStream {
    let private = Private::of(model.krate.as_ref());
    let mut bounds = Bounds::new(item);
    let mut fields = TokenStream::new();
    for field in &model.fields {
        fields.extend(expand_field(field, &private, &mut bounds));
    }
    let header = bounds.header(&quote!(#private::SentryUser));
    let registered = registered(&private, "User", None, &item.ident, &[]);
    quote! {
        #header {
            fn fields(&self, __user: &mut #private::UserFields) {
                #fields
            }
        }
        #registered
    }
}

fn expand_field(recorded: &Recorded<'_>, private: &Private, bounds: &mut Bounds<'_>) -> TokenStream {
    let field = &recorded.field;
    let how = recorded.how.as_ref().map(|how| how.value);
    let (key, tag) = match &recorded.what {
        What::Identity(identity) => {
            let how = how.unwrap_or(How::Display);
            bounds.need(field.bare_type(), &bound(Some(how), private));
            let setter = Ident::new(identity.value.name(), Span::call_site());
            return field.each(
                |value| {
                    let value = displayed(how, value, private);
                    quote!(__user.#setter(#value);)
                },
                None,
            );
        }
        What::Data { key, tag } => (key.as_ref().map_or("", |(key, _)| key), tag.is_some()),
    };
    let tag = tag.then(|| format!("user.{key}"));
    record(field, how, key, tag.as_deref(), &SINK, private, bounds)
}

/// An implementation that says nothing, beside errors.
pub(crate) fn dummy(item: &Item) -> TokenStream {
    let private = Private::of(None);
    let header = Bounds::new(item).header(&quote!(#private::SentryUser));
    quote! {
        #header {
            fn fields(&self, _: &mut #private::UserFields) {}
        }
    }
}
