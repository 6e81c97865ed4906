//! The body of a function: tokens that are never parsed.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// What stands between a function's braces, and the braces themselves.
///
/// The edition of a brace token decides when temporaries of the block's last expression are dropped. So every brace around
/// the user's statements is the user's own.
#[derive(Clone)]
pub(crate) struct Body {
    /// `#![..]` and `//!`, which are allowed at the very start of a function's outermost block alone.
    inner_attrs: TokenStream,
    statements: TokenStream,
    span: Span,
    open: Span,
}

impl Body {
    /// Takes a body apart as far as its inner attributes.
    pub(crate) fn new(group: &Group) -> Self {
        let mut inner_attrs = TokenStream::new();
        let mut rest = group.stream().into_iter().peekable();
        let mut statements = Vec::new();
        while let Some(token) = rest.next() {
            let opens = matches!(&token, TokenTree::Punct(p) if p.as_char() == '#')
                && matches!(rest.peek(), Some(TokenTree::Punct(p)) if p.as_char() == '!');
            if !opens {
                statements.push(token);
                break;
            }
            inner_attrs.extend([token]);
            inner_attrs.extend(rest.by_ref().take(2));
        }
        statements.extend(rest);
        Self { inner_attrs, statements: statements.into_iter().collect(), span: group.span(), open: group.span_open() }
    }

    /// The inner attributes.
    pub(crate) fn inner_attrs(&self) -> &TokenStream {
        &self.inner_attrs
    }

    /// The place and the edition of the opening brace.
    pub(crate) fn span(&self) -> Span {
        self.open
    }

    /// The user's statements in the user's braces.
    pub(crate) fn block(&self) -> TokenStream {
        self.wrap(self.statements.clone())
    }

    /// The user's statements alone.
    pub(crate) fn statements(&self) -> TokenStream {
        self.statements.clone()
    }

    /// Other statements in the user's braces.
    pub(crate) fn wrap(&self, statements: TokenStream) -> TokenStream {
        let mut group = Group::new(Delimiter::Brace, statements);
        group.set_span(self.span);
        TokenTree::Group(group).into_token_stream()
    }

    /// Whether the body speaks of this name anywhere, macros' arguments included.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        mentions(self.statements.clone(), name)
    }
}

/// Whether a name stands anywhere in the tokens; in format strings as well (`"{name}"`).
pub(crate) fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            text.contains('{') && text.contains(name.trim_start_matches("r#"))
        }
        TokenTree::Punct(_) => false,
    })
}
