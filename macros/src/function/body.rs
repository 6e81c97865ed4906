//! The body of a function: tokens that are never parsed.

use std::cell::OnceCell;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::tokens::{append, first};

/// What stands between a function's braces, and the braces themselves.
///
/// The edition of a brace token decides when temporaries of the block's last expression are dropped. So every brace around
/// the user's statements is the user's own.
#[derive(Clone)]
pub(crate) struct Body {
    written: Group,
    /// `#![..]` and `//!`, which are allowed at the very start of a function's outermost block alone.
    inner_attrs: TokenStream,
    /// What follows them, if there are any.
    after: Option<TokenStream>,
    /// What it speaks of, told once: the compiler is asked for each token anew.
    words: OnceCell<Words>,
}

impl Body {
    /// Takes a body apart as far as its inner attributes.
    pub(crate) fn new(written: Group) -> Self {
        let mut inner_attrs = TokenStream::new();
        let stream = written.stream();
        if !matches!(first(&stream), Some(TokenTree::Punct(sign)) if sign.as_char() == '#') {
            return Self { written, inner_attrs, after: None, words: OnceCell::new() };
        }
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let is = |at: usize, sign| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == sign);
        let mut from = 0;
        while is(from, '#') && is(from + 1, '!') {
            from += 3;
        }
        let from = from.min(tokens.len());
        let mut after = TokenStream::new();
        for (at, token) in tokens.into_iter().enumerate() {
            append(if at < from { &mut inner_attrs } else { &mut after }, token);
        }
        let after = (from > 0).then_some(after);
        Self { written, inner_attrs, after, words: OnceCell::new() }
    }

    /// The inner attributes.
    pub(crate) fn inner_attrs(&self) -> &TokenStream {
        &self.inner_attrs
    }

    /// The place and the edition of the opening brace.
    pub(crate) fn span(&self) -> Span {
        self.written.span_open()
    }

    /// The whole body as it was written.
    pub(crate) fn as_written(&self) -> TokenStream {
        self.written.to_token_stream()
    }

    /// The user's statements in the user's braces.
    pub(crate) fn block(&self) -> TokenStream {
        match &self.after {
            None => self.as_written(),
            Some(_) => self.wrap(self.statements()),
        }
    }

    /// The user's statements alone.
    pub(crate) fn statements(&self) -> TokenStream {
        self.after.clone().unwrap_or_else(|| self.written.stream())
    }

    /// Other statements in the user's braces.
    pub(crate) fn wrap(&self, statements: TokenStream) -> TokenStream {
        let mut group = Group::new(Delimiter::Brace, statements);
        group.set_span(self.written.span());
        TokenTree::Group(group).into_token_stream()
    }

    /// Whether the body speaks of this name anywhere, macros' arguments included.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.words.get_or_init(|| Words::of(self.written.stream())).have(name)
    }
}

/// The names in some tokens, those in format strings (`"{name}"`) included.
#[derive(Clone, Default)]
pub(crate) struct Words {
    names: Vec<String>,
    formats: Vec<String>,
}

impl Words {
    /// Those that stand anywhere in the tokens.
    pub(crate) fn of(tokens: TokenStream) -> Self {
        let mut words = Self::default();
        words.add(tokens);
        words
    }

    fn add(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => self.names.push(ident.to_string()),
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.contains('{') {
                        self.formats.push(text);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    /// Whether a name is among them.
    pub(crate) fn have(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
            || self.formats.iter().any(|text| text.contains(name.trim_start_matches("r#")))
    }
}
