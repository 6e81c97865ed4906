//! The body of a function: tokens that are never parsed.

use std::cell::OnceCell;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

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
        let mut rest = written.stream().into_iter().peekable();
        let mut next = rest.next();
        while matches!(&next, Some(TokenTree::Punct(p)) if p.as_char() == '#')
            && matches!(rest.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '!')
        {
            inner_attrs.extend(next);
            inner_attrs.extend(rest.by_ref().take(2));
            next = rest.next();
        }
        let after = (!inner_attrs.is_empty()).then(|| next.into_iter().chain(rest).collect());
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
