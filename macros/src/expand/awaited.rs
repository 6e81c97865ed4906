//! `async fn`: the body in a future that is watched at each poll.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::Call;
use crate::function::{Arguments, Outcome, erased, hides, names_future};

/// ```text
/// // Input:  async fn f(a: A) -> R { body }
/// // Output: async fn f(a: A) -> R {
/// //             static SITE: CallSite = ..;
/// //             let __future = async move {{
/// //                 if false { return never::<R>(); }
/// //                 let a = a;
/// //                 values(&SITE, |__v| ..);
/// //                 '__body: { body }
/// //             }};
/// //             let __returned = Returned::<R>::named();
/// //             if passes() { __future.await } else {
/// //                 watch(watching(&SITE, observer(&__returned, faces_of(&__returned).watchpost_face())), __future).await
/// //             }
/// //         }
/// ```
pub(super) fn expand(call: &Call<'_>, arguments: &Arguments) -> TokenStream {
    let private = &call.private;
    let rebind = arguments.rebind(call);
    let values = call.values();
    let at = Span::mixed_site();
    // `!` may not be named, so what stands in for it has no value either.
    let never = call.outcome == Outcome::Never;
    let output = if never { quote_spanned!(at=> #private::Infallible) } else { erased(&call.item.sig) };
    // What the compiler says of the type that a future ends with, it says at the return type.
    let here = call.return_type_span();
    let private_here = private.at(here);
    let edge = quote_spanned!(here=> if false { return #private_here::never::<#output>(); });
    let body = call.enclosed(&quote_spanned!(at=> #edge #rebind #values));
    let future = quote_spanned!(at=> async move #body);
    let named = (!hides(&call.item.sig)).then_some(&output);
    let future = call.future(&future, named);
    let observer = call.observer();
    // It may speak of arguments, which the future takes along.
    let task = call.annotation.task.is_some().then(|| {
        let task = call.task(&arguments.lend(call));
        quote_spanned!(at=> let __task = #task;)
    });
    let watched = if task.is_some() {
        let watching =
            quote_spanned!(at=> #private::watching_task(&__WATCHPOST_SITE, __task, #private::Held::new(), #observer));
        quote_spanned!(at=> #private::watch(#watching, __future).await)
    } else {
        // This runs at the first poll. Where nothing is wanted, nothing stands between the caller and the body.
        quote_spanned!(at=> if #private::passes() {
            __future.await
        } else {
            #private::watch(#private::watching(&__WATCHPOST_SITE, #observer), __future).await
        })
    };
    let watched = if never { quote_spanned!(at=> match #watched {}) } else { watched };
    let function = call.function(&quote_spanned!(at=> #task #future #watched));
    // In a block, where clippy sees the body now, a future that ends with another is an `.await` that was forgotten. There is no
    // shape without the lint, so it is allowed, and only where the return type is known as a future's.
    let allowed = names_future(&call.item.sig).then(|| quote_spanned!(at=> #[allow(clippy::async_yields_async)]));
    quote_spanned!(at=> #allowed #function)
}
