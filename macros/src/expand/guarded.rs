//! Synchronous functions of which only the way out is to be told: a guard, and the body where it was.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::Call;

/// ```text
/// // Input:  fn f(a: A) -> R { body }
/// // Output: fn f(a: A) -> R {
/// //             static SITE: CallSite = ..;
/// //             let __call = enter(&SITE);
/// //             values(&SITE, |__v| ..);
/// //             { '__body: { body } }
/// //         }
/// ```
///
/// The block between them is of this crate's edition: with it end the temporaries of the body's last expression, while the
/// guard is there.
pub(super) fn expand(call: &Call<'_>) -> TokenStream {
    let enter = call.enter(&TokenStream::new());
    let values = call.values();
    let body = call.body();
    call.function(&quote_spanned!(Span::mixed_site()=> let __call = #enter; #values { #body }))
}
