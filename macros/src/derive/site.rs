//! What the catalogue knows of a type with a derive.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Ident;
use syn::ext::IdentExt as _;

use crate::crate_path::Private;

/// `const _: () = { submit!(RegisteredType(..)); };` with the feature `catalog`, or nothing.
pub(super) fn registered(
    private: &Private,
    derive: &str,
    name: Option<&str>,
    ident: &Ident,
    categories: &[String],
) -> TokenStream {
    if !cfg!(feature = "catalog") || cfg!(feature = "off") {
        return TokenStream::new();
    }
    let at = Span::mixed_site();
    let derive = Ident::new(derive, at);
    let type_name = ident.unraw().to_string();
    let name = name.unwrap_or(&type_name);
    // The line of the name, not of the derive.
    let line = quote_spanned!(ident.span()=> ::core::line!());
    quote_spanned! {at=>
        const _: () = {
            #private::submit!(#private::RegisteredType(#private::TypeSite {
                derive: #private::Derived::#derive,
                name: #name,
                type_name: #type_name,
                module: ::core::module_path!(),
                file: ::core::file!(),
                line: #line,
                categories: &[#(#categories),*],
            }));
        };
    }
}
