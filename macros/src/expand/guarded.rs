//! Synchronous functions of which only the way out is to be told: a guard, and the body where it was.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use syn::ReturnType;

use super::Call;
use crate::function::has_opaque;

/// ```text
/// // Input:  fn f(a: A) -> R { body }
/// // Output: fn f(a: A) -> R {
/// //             static SITE: CallSite = ..;
/// //             let __call = enter(&SITE);
/// //             values(&SITE, |__v| ..);
/// //             match () { () => { body } }
/// //         }
/// ```
pub(super) fn expand(call: &Call<'_>) -> TokenStream {
    let enter = call.enter(TokenStream::new());
    let values = call.values();
    // The arm of a match expects nothing of its value, so that a closure in it would lose the signature that `impl Fn(&T)`
    // gives it: there the user's statements follow ours.
    let opaque = matches!(&call.item.sig.output, ReturnType::Type(_, ty) if has_opaque(ty));
    let arm = if opaque { call.body.statements() } else { call.arm() };
    call.function(&call.item.sig, &quote_spanned!(Span::mixed_site()=> let __call = #enter; #values #arm))
}
