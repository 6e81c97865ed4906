//! All mistakes of one annotation, reported at once.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Words side by side in a message; one function for all, where `join` is made anew.
pub(crate) fn list(words: &[&str], between: &str) -> String {
    let mut list = String::new();
    for word in words {
        if !list.is_empty() {
            list.push_str(between);
        }
        list.push_str(word);
    }
    list
}

/// Collects errors. It must be finished: an error that is found and not told would compile.
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
}

impl Errors {
    /// Nothing is wrong yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A mistake in these tokens: the message is lower case, with the remedy after a semicolon.
    pub(crate) fn push(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.found.push(syn::Error::new_spanned(at, message));
    }

    /// A mistake at this place.
    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.found.push(syn::Error::new(span, message));
    }

    /// What the parser says.
    pub(crate) fn add(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The `compile_error!` calls for everything that was found, or nothing.
    pub(crate) fn finish(mut self) -> Option<TokenStream> {
        let mut found = std::mem::take(&mut self.found).into_iter();
        let mut all = found.next()?;
        all.extend(found);
        Some(all.into_compile_error())
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        debug_assert!(self.found.is_empty() || std::thread::panicking(), "errors were found and never reported");
    }
}
