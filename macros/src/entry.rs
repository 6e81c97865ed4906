//! From an attribute to its expansion: parse, check, expand. Whatever is wrong, the item comes out.

use proc_macro2::{Span, TokenStream, TokenTree};
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
            if is_closure(&item) { TokenStream::new() } else { item }
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

/// Whether a closure follows: beside it no error can be told, only in its place.
fn is_closure(item: &TokenStream) -> bool {
    match item.clone().into_iter().next() {
        Some(TokenTree::Punct(punct)) => punct.as_char() == '|',
        Some(TokenTree::Ident(ident)) => ident == "move",
        _ => false,
    }
}

fn function(mut annotation: Annotation, mut item: FnItem, errors: &mut Errors) -> TokenStream {
    annotation.collect(&mut item.attrs, errors);
    checks::check(&annotation, &item, errors);
    if errors.is_empty() && !cfg!(feature = "off") {
        expand::expand(&annotation, item, None)
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
        checks::check_own_in_block(&own, item, errors);
        let merged = own.within(&annotation, item);
        checks::check_in_block(&merged, item, errors);
        annotations.push(merged);
    }
    let uses = (!uses.is_empty()).then(|| quote!(const _: () = { #uses };));
    if !errors.is_empty() || cfg!(feature = "off") {
        return quote!(#block #uses);
    }
    let mut annotations = annotations.into_iter();
    let mut members = TokenStream::new();
    for member in std::mem::take(&mut block.members) {
        members.extend(match member {
            Member::Function(item) => match annotations.next() {
                Some(annotation) if !annotation.is_empty() => expand::expand(&annotation, *item, Some(&block.owner)),
                _ => item.as_written(),
            },
            Member::Other(tokens) => tokens,
        });
    }
    let block = block.with(members);
    quote!(#block #uses)
}

/// Code as it stands while somebody types it.
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proc_macro2::{Group, TokenStream, TokenTree};

    use crate::annotation::Which;

    const ITEMS: &[&str] = &[
        "/// Books.\n#[inline] pub(crate) fn book(seats: u32, mut rest: &mut Vec<u8>) -> Result<Seat, Error> where Seat: Sized { \
         let seat = seats.first()?; Ok(seat) }",
        "pub async fn book<'a, T: Into<u32>, const N: usize>((a, b): (u32, u32), list: &'a [T; N]) -> Result<&'a T, Error> { list. }",
        "fn book(&mut self, id: Id) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + '_>> { Box::pin(async move { id.. }) }",
        "fn book(self: Box<Self>) -> impl Future<Output = Result<u32, Error>> + use<> { let x = ; async { Ok( } }",
        "unsafe extern \"C\" fn book(seats: *const u8, _: u32) -> u32 { if seats }",
        "#[watchpost::capture_errors(category = \"booking\")] fn book() -> io::Result<()> { #![allow(unused)] for x in }",
        "impl<'a, T> Shop<T> where T: 'a { const SEATS: u32 = 3; pub fn book(&self) -> Result<T, Error> { self. } type Seat = u8; \
         #[monitor_performance(skip)] async fn cancel(self) { } price! { 3 } }",
        "trait Shop { fn book(&self); }",
        "struct Seat { row: u32 }",
    ];

    const ARGS: &[&str] = &[
        "",
        "\"booking\", op = \"db.query\", slow = \"2s\", fields(seats, count = rest.len(), %id, ?list, user.id), metric, root, scope",
        "category = \"booking\", level = \"warning\", tags(a = b), fields(c), context = order, ignore = Error::Full | Error::Gone(404), \
         fingerprint = [\"a\", err.code()], args(seats), late, future = false, crate = ::watchpost",
        "\"report\", queue = \"mails\", id = job.id, attempt = job.attempt, max_attempts = 5, cron = \"0 3 * * *\", timezone = \"UTC\"",
    ];

    /// Unbalanced brackets never reach an attribute; what stands between them may be cut anywhere.
    fn tokens(text: &str) -> TokenStream {
        text.replace("Ok( }", "Ok() }").parse().expect("it is made of tokens")
    }

    /// How often each name and each literal occurs; comments and our own attributes are told otherwise.
    fn words(tokens: TokenStream, found: &mut BTreeMap<String, usize>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => words(group.stream(), found),
                TokenTree::Punct(_) => {}
                word => *found.entry(word.to_string()).or_default() += 1,
            }
        }
    }

    /// Each way to leave out one token, or all that follows it within its brackets.
    fn cut(tokens: &TokenStream) -> Vec<TokenStream> {
        let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut cuts = Vec::new();
        for (at, token) in all.iter().enumerate() {
            let (before, after) = (&all[..at], &all[at + 1..]);
            cuts.push(before.iter().cloned().collect());
            cuts.push(before.iter().chain(after).cloned().collect());
            if let TokenTree::Group(group) = token {
                for inner in cut(&group.stream()) {
                    let inner = TokenTree::Group(Group::new(group.delimiter(), inner));
                    cuts.push(before.iter().chain([&inner]).chain(after).cloned().collect());
                }
            }
        }
        cuts
    }

    fn nothing_is_lost(which: Which, args: &TokenStream, item: &TokenStream) {
        let output = super::attribute(which, args.clone(), item.clone());
        let (mut given, mut out) = (BTreeMap::new(), BTreeMap::new());
        words(item.clone(), &mut given);
        words(output, &mut out);
        let ours = ["watchpost", "skip", "category", "capture_errors", "monitor_performance", "\"booking\""];
        for (word, times) in given.iter().filter(|(word, _)| !ours.contains(&word.as_str())) {
            assert!(out.get(word).is_some_and(|out| out >= times), "`{word}` of {item} under {which:?}({args})");
        }
    }

    #[test]
    fn a_half_typed_item_comes_out() {
        for which in [Which::Monitor, Which::Capture, Which::Task] {
            for item in ITEMS {
                let item = tokens(item);
                nothing_is_lost(which, &TokenStream::new(), &item);
                for item in cut(&item) {
                    nothing_is_lost(which, &TokenStream::new(), &item);
                }
            }
        }
    }

    #[test]
    fn an_item_comes_out_under_half_typed_arguments() {
        for which in [Which::Monitor, Which::Capture, Which::Task] {
            for item in ITEMS.iter().map(|item| tokens(item)) {
                for args in ARGS.iter().map(|args| tokens(args)) {
                    nothing_is_lost(which, &args, &item);
                    for args in cut(&args) {
                        nothing_is_lost(which, &args, &item);
                    }
                }
            }
        }
    }
}
