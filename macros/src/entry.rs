//! From an attribute to its expansion: parse, check, expand. Whatever is wrong, the item comes out.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};

use crate::annotation::{Annotation, Which};
use crate::errors::Errors;
use crate::function::FnItem;
use crate::{checks, expand};

/// Expands one attribute on one item.
pub(crate) fn attribute(which: Which, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let mut annotation = Annotation::default();
    annotation.add(which, Span::call_site(), args, &mut errors);
    let output = match parse.parse2(item.clone()) {
        Ok(mut function) => {
            annotation.collect(&mut function.attrs, &mut errors);
            checks::check(&annotation, &function, &mut errors);
            if errors.is_empty() && !cfg!(feature = "off") {
                expand::expand(&annotation, &function)
            } else {
                function.into_token_stream()
            }
        }
        Err(error) => {
            errors.add(error);
            item
        }
    };
    let errors = errors.finish();
    quote!(#output #errors)
}

fn parse(input: ParseStream<'_>) -> syn::Result<FnItem> {
    input.parse()
}
