//! The derives: model (what was written), check (rules, errors), expand (tokens).

mod bounds;
mod classify;
mod context;
#[cfg(test)]
mod expansions;
mod how;
mod item;
mod site;
mod user;
mod words;

pub(crate) use classify::derive as classify;
pub(crate) use context::derive as sentry_context;
pub(crate) use user::derive as sentry_user;

use proc_macro2::TokenStream;

use self::item::Item;
use crate::errors::Errors;

/// Parses the item and runs one derive on it. With errors, what stands beside them is an implementation that does nothing, so that
/// no second error follows from the first.
fn run(
    input: TokenStream,
    expand: impl FnOnce(&Item, &mut Errors) -> Option<TokenStream>,
    dummy: impl FnOnce(&Item) -> TokenStream,
) -> TokenStream {
    let item = match syn::parse2::<Item>(input) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::new();
    let expanded = expand(&item, &mut errors);
    match errors.finish() {
        None => expanded.unwrap_or_default(),
        Some(mut errors) => {
            errors.extend(dummy(&item));
            errors
        }
    }
}
