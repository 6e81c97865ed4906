//! The derives.

use proc_macro2::TokenStream;

/// `#[derive(SentryContext)]`
pub(crate) fn sentry_context(input: TokenStream) -> TokenStream {
    drop(input);
    TokenStream::new()
}

/// `#[derive(SentryUser)]`
pub(crate) fn sentry_user(input: TokenStream) -> TokenStream {
    drop(input);
    TokenStream::new()
}

/// `#[derive(Classify)]`
pub(crate) fn classify(input: TokenStream) -> TokenStream {
    drop(input);
    TokenStream::new()
}
