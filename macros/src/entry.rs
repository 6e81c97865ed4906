//! From an attribute to its expansion: parse, check, expand. Whatever is wrong, the item comes out.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Attribute;
use syn::parse::{ParseStream, Parser};

use crate::annotation::{Annotation, Which};
use crate::errors::Errors;
use crate::function::{FnItem, ImplBlock, Member};
use crate::{checks, expand};

/// What an attribute may stand on.
enum Item {
    Function(Box<FnItem>),
    Block(Box<ImplBlock>),
}

/// Expands one attribute on one item.
pub(crate) fn attribute(which: Which, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let mut annotation = Annotation::default();
    annotation.add(which, Span::call_site(), args, &mut errors);
    let parser = |input: ParseStream<'_>| parse(which, input);
    let output = match parser.parse2(item.clone()) {
        Ok(Item::Function(item)) => function(annotation, *item, &mut errors),
        Ok(Item::Block(item)) => block(annotation, *item, &mut errors),
        Err(error) => {
            errors.add(error);
            item
        }
    };
    let errors = errors.finish();
    quote!(#output #errors)
}

fn parse(which: Which, input: ParseStream<'_>) -> syn::Result<Item> {
    let attrs = Attribute::parse_outer(input)?;
    if FnItem::peek(input) {
        return FnItem::parse_after(attrs, input).map(|item| Item::Function(Box::new(item)));
    }
    if ImplBlock::peek(input) {
        return ImplBlock::parse_after(attrs, input).map(|item| Item::Block(Box::new(item)));
    }
    let name = which.name();
    let _: syn::Visibility = input.parse()?;
    let message = if input.peek(syn::Token![trait]) {
        format!("`{name}` goes on functions; put it on those of the trait that have a body, or on an `impl` block")
    } else {
        format!("`{name}` goes on a function or an `impl` block; for anything else use `watchpost::span(..)`")
    };
    let error = input.error(message);
    // The rest is not looked at.
    let _: TokenStream = input.parse()?;
    Err(error)
}

fn function(mut annotation: Annotation, mut item: FnItem, errors: &mut Errors) -> TokenStream {
    annotation.collect(&mut item.attrs, errors);
    checks::check(&annotation, &item, errors);
    if errors.is_empty() && !cfg!(feature = "off") {
        expand::expand(&annotation, &item, None)
    } else {
        item.as_written_with(&annotation.uses())
    }
}

fn block(mut annotation: Annotation, mut block: ImplBlock, errors: &mut Errors) -> TokenStream {
    annotation.collect(&mut block.attrs, errors);
    checks::check_block(&annotation, &block, errors);
    let mut annotations = Vec::new();
    let mut uses = annotation.uses();
    for member in &mut block.members {
        let Member::Function(item) = member else { continue };
        let mut own = Annotation::default();
        own.collect(&mut item.attrs, errors);
        uses.extend(own.uses());
        let merged = own.clone().within(&annotation, item);
        checks::check_in_block(&own, &merged, item, errors);
        annotations.push(merged);
    }
    let uses = (!uses.is_empty()).then(|| quote!(const _: () = { #uses };));
    if !errors.is_empty() || cfg!(feature = "off") {
        return quote!(#block #uses);
    }
    let mut annotations = annotations.into_iter();
    let members = block.members.iter().map(|member| match member {
        Member::Function(item) => match annotations.next() {
            Some(annotation) if !annotation.is_empty() => expand::expand(&annotation, item, Some(&block.owner)),
            _ => item.as_written(),
        },
        Member::Other(tokens) => tokens.clone(),
    });
    let members = members.collect();
    let block = block.with(members);
    quote!(#block #uses)
}
