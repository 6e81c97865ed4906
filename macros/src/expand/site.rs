//! The static description of the function.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;

use super::Call;
use super::task::task_site;

/// `static __WATCHPOST_SITE: CallSite = ..;`
pub(super) fn site(call: &Call<'_>) -> TokenStream {
    let at = Span::mixed_site();
    let private = &call.private;
    let annotation = call.annotation;
    let (monitor, capture, task) = (annotation.monitor.as_ref(), annotation.capture.as_ref(), annotation.task.as_ref());

    let ident = &call.item.sig.ident;
    let function = ident.unraw().to_string();
    let function = call.owner.map_or_else(|| function.clone(), |owner| format!("{}::{function}", owner.name));
    let name = task.and_then(|args| args.name.as_ref()).or(monitor.and_then(|args| args.name.as_ref()));
    let name = name.map_or_else(|| function.clone(), |name| name.value());

    let mut kinds = Vec::new();
    let mut ask = |asked: bool, kind: &str| {
        if asked {
            kinds.push(syn::Ident::new(kind, at));
        }
    };
    ask(monitor.is_some(), "SPAN");
    ask(capture.is_some(), "ERRORS");
    ask(task.is_some(), "TASK");
    ask(monitor.is_some_and(|args| args.root.is_some()), "ROOT");
    ask(monitor.is_some_and(|args| args.scope.is_some()), "SCOPE");
    ask(monitor.is_some_and(|args| args.metric.is_some()), "METRIC");
    let mut kinds = kinds.into_iter();
    let first = kinds.next();
    let kind = quote_spanned!(at=> #private::Kind::#first #(.and(#private::Kind::#kinds))*);

    // The line of the name, not of the attribute.
    let line = quote_spanned!(ident.span()=> ::core::line!());
    let op = monitor.and_then(|args| args.op.as_ref()).map(|op| {
        let op = &op.value;
        quote_spanned!(at=> .with_op(#op))
    });
    let category = capture.and_then(|args| args.category.as_ref()).or(task.and_then(|args| args.category.as_ref()));
    let category = category.map(|category| {
        let category = category.value.value();
        quote_spanned!(at=> .with_category(#category))
    });
    let level = capture.and_then(|args| args.level.as_ref()).map(|level| {
        let level = level.value;
        quote_spanned!(at=> .with_level(#private::Level::#level))
    });
    let slow = monitor.and_then(|args| args.slow.as_ref()).or(task.and_then(|args| args.slow.as_ref())).map(|slow| {
        let millis = u64::try_from(slow.value.as_millis()).unwrap_or(u64::MAX);
        quote_spanned!(at=> .with_slow_millis(#millis))
    });
    let task = task.map(|args| {
        let task = task_site(call, args, &name);
        quote_spanned!(at=> .with_task(&#task))
    });
    let submit = cfg!(feature = "catalog")
        .then(|| quote_spanned!(at=> #private::submit!(#private::Registered(&__WATCHPOST_SITE));));
    quote_spanned! {at=>
        static __WATCHPOST_SITE: #private::CallSite = #private::CallSite::new(
            #kind, #name, #function, ::core::module_path!(), ::core::file!(), #line
        ) #op #category #level #slow #task;
        #submit
    }
}
