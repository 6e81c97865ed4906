//! Tokens as a whole.
//!
//! `TokenStream` collects and extends itself by generic functions, of which each iterator has the whole made anew: so there is
//! one loop for all.

use proc_macro2::{Span, TokenStream, TokenTree};

/// The tokens at other places.
pub(crate) fn placed(tokens: TokenStream, place: &dyn Fn(Span) -> Span) -> TokenStream {
    let mut placed = TokenStream::new();
    for mut token in tokens {
        token.set_span(place(token.span()));
        append(&mut placed, token);
    }
    placed
}

/// One token more.
pub(crate) fn append(tokens: &mut TokenStream, token: TokenTree) {
    tokens.extend([token]);
}

/// The tokens as text, without spaces.
pub(crate) fn text(tokens: &TokenStream) -> String {
    without_spaces(&tokens.to_string())
}

/// The text without spaces.
pub(crate) fn without_spaces(text: &str) -> String {
    let mut rest = String::new();
    for part in text.split(' ') {
        rest.push_str(part);
    }
    rest
}

/// The first of the tokens.
pub(crate) fn first(tokens: &TokenStream) -> Option<TokenTree> {
    tokens.clone().into_iter().next()
}
