//! Synchronous functions whose outcome is looked at: the body in a closure that is called once.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::Call;
use crate::function::{Arguments, erased};

/// ```text
/// // Input:  fn f(a: A) -> R { body }
/// // Output: fn f(a: A) -> R {
/// //             static SITE: CallSite = ..;
/// //             observe(
/// //                 enter(&SITE),
/// //                 call_once(move || -> R {
/// //                     let a = a;
/// //                     values(&SITE, |__v| ..);
/// //                     '__body: { body }
/// //                 }),
/// //                 |__e| face(__e).tell(),
/// //             )
/// //         }
/// ```
pub(super) fn expand(call: &Call<'_>) -> TokenStream {
    let private = &call.private;
    let arguments = Arguments::new(&call.item.sig);
    let enter = call.enter(&arguments.lend(call));
    let rebind = arguments.rebind(call);
    let values = call.values();
    let body = call.body();
    let output = erased(&call.item.sig);
    let at = Span::mixed_site();
    let called = quote_spanned!(at=> #private::call_once(move || -> #output { #rebind #values #body }));
    call.function(&arguments.sig, &call.observe(&enter, &called))
}
