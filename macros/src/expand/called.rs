//! Synchronous functions whose outcome is looked at: the body in a closure that is called once.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::Call;
use crate::function::{Arguments, erased};

/// ```text
/// // Input:  fn f(a: A) -> R { body }
/// // Output: fn f(a: A) -> R {
/// //             static SITE: CallSite = ..;
/// //             let __call = enter(&SITE);
/// //             let __out = call_once(move || -> R {{
/// //                 let a = a;
/// //                 values(&SITE, |__v| ..);
/// //                 '__body: { body }
/// //             }});
/// //             let __face = faces(&__out).watchpost_face();
/// //             observe(__call, __out, __face)
/// //         }
/// ```
pub(super) fn expand(call: &Call<'_>, arguments: &Arguments) -> TokenStream {
    let private = &call.private;
    let enter = call.enter(&arguments.lend(call));
    let rebind = arguments.rebind(call);
    let values = call.values();
    let body = call.enclosed(&quote_spanned!(Span::mixed_site()=> #rebind #values));
    let output = erased(&call.item.sig);
    let at = Span::mixed_site();
    let observe = call.observe();
    let statements = quote_spanned! {at=>
        let __call = #enter;
        let __out = #private::call_once(move || -> #output #body);
        #observe
    };
    call.function(&statements)
}
