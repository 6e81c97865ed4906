//! An `impl` block, of which only the functions' signatures are parsed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Generics, Ident, ImplItemType, ItemImpl, Token, Type};

use super::{FnItem, ungrouped};
use crate::tokens::{append, text};

/// An `impl` block.
pub(crate) struct ImplBlock {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) impl_token: Token![impl],
    /// Everything before the brace.
    head: TokenStream,
    pub(crate) owner: Owner,
    pub(crate) members: Vec<Member>,
    body: Group,
}

/// What the functions in a block are told of it.
pub(crate) struct Owner {
    /// The type, as its functions are named after it.
    pub(crate) name: String,
    /// The block's parameters.
    pub(crate) generics: Generics,
    /// `type Error = ..;`
    types: Vec<(Ident, Type)>,
}

impl Owner {
    /// The type that the block gives to `Self::Name`.
    pub(crate) fn associated(&self, name: &Ident) -> Option<&Type> {
        self.types.iter().find(|(known, _)| known == name).map(|(_, ty)| ty)
    }
}

/// What stands in the block.
pub(crate) enum Member {
    Function(Box<FnItem>),
    Other(TokenStream),
}

impl ImplBlock {
    /// Whether an `impl` block follows, after its attributes.
    pub(crate) fn peek(input: ParseStream<'_>) -> bool {
        input.peek(Token![impl])
            || input.peek(Token![default]) && input.peek2(Token![impl])
            || input.peek(Token![unsafe]) && input.peek2(Token![impl])
            || input.peek(Token![default]) && input.peek2(Token![unsafe])
    }

    /// A block whose attributes have been read already.
    pub(crate) fn parse_after(attrs: Vec<Attribute>, input: ParseStream<'_>) -> syn::Result<Self> {
        let mut head = TokenStream::new();
        let mut last = None;
        for token in input.parse::<TokenStream>()? {
            if let Some(before) = last.replace(token) {
                append(&mut head, before);
            }
        }
        let body = match last {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
            _ => return Err(input.error("expected the body of the `impl` block")),
        };
        let empty: ItemImpl = syn::parse2(quote!(#head {}))?;
        let members = members.parse2(body.stream())?;
        let mut types = Vec::new();
        for member in &members {
            if let Member::Other(tokens) = member
                && let Ok(ImplItemType { ident, ty, .. }) = syn::parse2(tokens.clone())
            {
                types.push((ident, ty));
            }
        }
        let owner = Owner { name: name_of(&empty.self_ty), generics: empty.generics, types };
        Ok(Self { attrs, impl_token: empty.impl_token, head, owner, members, body })
    }

    /// The block with other members.
    pub(crate) fn with(&self, members: TokenStream) -> TokenStream {
        let Self { attrs, head, body, .. } = self;
        let mut group = Group::new(Delimiter::Brace, members);
        group.set_span(body.span());
        quote!(#(#attrs)* #head #group)
    }
}

impl ToTokens for ImplBlock {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let mut members = TokenStream::new();
        for member in &self.members {
            match member {
                Member::Function(function) => members.extend(function.as_written()),
                Member::Other(tokens) => members.extend(tokens.clone()),
            }
        }
        tokens.extend(self.with(members));
    }
}

fn members(input: ParseStream<'_>) -> syn::Result<Vec<Member>> {
    let mut members = Vec::new();
    let inner = Attribute::parse_inner(input)?;
    if !inner.is_empty() {
        members.push(Member::Other(quote!(#(#inner)*)));
    }
    while !input.is_empty() {
        let attrs = Attribute::parse_outer(input)?;
        if FnItem::peek(input) {
            members.push(Member::Function(Box::new(FnItem::parse_after(attrs, input)?)));
        } else {
            let rest = other(input)?;
            members.push(Member::Other(quote!(#(#attrs)* #rest)));
        }
    }
    Ok(members)
}

/// A constant, a type or a macro's call, as it stands: up to its semicolon or its braces.
fn other(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    let mut is_macro = false;
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => is_macro && group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        // In a constant's value `!` negates, and no brace ends it.
        is_macro |=
            matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '!') && !tokens.to_string().contains('=');
        append(&mut tokens, token);
        if ends {
            break;
        }
    }
    Ok(tokens)
}

fn name_of(ty: &Type) -> String {
    match ungrouped(ty) {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map_or_else(String::new, |segment| syn::ext::IdentExt::unraw(&segment.ident).to_string()),
        Type::Reference(reference) => name_of(&reference.elem),
        other => text(&other.to_token_stream()),
    }
}
