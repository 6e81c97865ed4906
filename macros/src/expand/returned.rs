//! Functions that return a future: the synchronous part runs at the call, the future is watched at each poll.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::Call;
use crate::function::{Arguments, Kind, erased};

/// ```text
/// // Input:  fn f(a: A) -> Pin<Box<dyn Future<Output = T> + 'a>> { body }
/// // Output: fn f(a: A) -> Pin<Box<dyn Future<Output = T> + 'a>> {
/// //             static SITE: CallSite = ..;
/// //             let mut __held = Held::new();
/// //             let __lent = &mut __held;
/// //             let (__future, __returned) = returned_by(call_once(move || -> Pin<Box<dyn Future<Output = T> + 'a>> {{
/// //                 let a = a;
/// //                 __lent.take(&SITE, |__v| ..);
/// //                 '__body: { body }
/// //             }}));
/// //             Box::pin(watch(watching_with(&SITE, __held, observer(&__returned, ..)), __future))
/// //         }
/// ```
///
/// `impl Future` has no box, its type is left to the compiler.
pub(super) fn expand(call: &Call<'_>, arguments: &Arguments) -> TokenStream {
    let private = &call.private;
    let rebind = arguments.rebind(call);
    let values = call.values_taken();
    let body = call.enclosed(&quote_spanned!(Span::mixed_site()=> #rebind #values));
    let output = erased(&call.item.sig);
    let at = Span::mixed_site();
    let task = call.annotation.task.is_some().then(|| {
        let task = call.task(&arguments.lend(call));
        quote_spanned!(at=> let __task = #task;)
    });
    let held = (!values.is_empty()).then(|| {
        quote_spanned! {at=>
            let mut __held = #private::Held::new();
            let __lent = &mut __held;
        }
    });
    let future = quote_spanned!(at=> #private::call_once(move || -> #output #body));
    let future = match call.output_of_future() {
        Some(output) if call.kind == Kind::ImplFuture => quote_spanned!(at=> #private::comes_to::<#output, _>(#future)),
        _ => future,
    };
    let future = call.future(&future, None);
    let observer = call.observer();
    let values = if held.is_some() { quote_spanned!(at=> __held) } else { quote_spanned!(at=> #private::Held::new()) };
    let watching = if task.is_some() {
        quote_spanned!(at=> #private::watching_task(&__WATCHPOST_SITE, __task, #values, #observer))
    } else {
        quote_spanned!(at=> #private::watching_with(&__WATCHPOST_SITE, #values, #observer))
    };
    let watched = quote_spanned!(at=> #private::watch(#watching, __future));
    let watched = if call.kind == Kind::Boxed { quote_spanned!(at=> #private::Box::pin(#watched)) } else { watched };
    call.function(&quote_spanned!(at=> #task #held #future #watched))
}
