//! Functions that no wrapper can go around.

use syn::ReturnType;

use crate::annotation::Annotation;
use crate::errors::Errors;
use crate::function::{FnItem, Kind, Outcome};

/// Refuses what cannot be wrapped, with the way that is left.
pub(crate) fn check(annotation: &Annotation, item: &FnItem, errors: &mut Errors) {
    let sig = &item.sig;
    if let Some(constness) = &sig.constness {
        errors.push(
            constness,
            "a `const fn` runs at compile time too and cannot be watched; use `watchpost::span(..)` where it is called",
        );
        return;
    }
    if item.body.is_none() {
        errors.push(&sig.ident, "a function without a body cannot be watched; annotate its implementation, or use `watchpost::span(..)` where it is called");
        return;
    }
    let kind = Kind::of(sig, annotation.future().map(|future| future.value));
    let outcome = Outcome::of(sig, kind);
    if annotation.capture.is_some() {
        match (&sig.output, outcome) {
            (ReturnType::Default, _) => errors.push(
                &sig.ident,
                "`capture_errors` needs a function that returns `Result`; this one returns nothing: use `monitor_performance`, or `watchpost::capture_error(&err).send()` inside",
            ),
            (ReturnType::Type(_, ty), Outcome::Never) => errors.push(
                ty,
                "`capture_errors` needs a function that returns `Result`, and this one never returns; use `monitor_performance`, or `watchpost::capture_error(&err).send()` inside",
            ),
            (ReturnType::Type(_, ty), Outcome::Plain) => errors.push(
                ty,
                "`capture_errors` needs a function that returns `Result`; return one, or use `watchpost::capture_error(&err).send()` inside",
            ),
            _ => {}
        }
    }
    let track_caller = item.attrs.iter().find(|attr| attr.path().is_ident("track_caller"));
    if let Some(attr) = track_caller {
        let told = annotation.capture.is_some() || annotation.task.is_some() && outcome == Outcome::Result;
        if told && kind != Kind::Async {
            errors.push(
                attr,
                "errors cannot be captured around `#[track_caller]`, which would report the wrapper as the caller; use `monitor_performance`, or `watchpost::capture_error(&err).send()` inside",
            );
        }
    }
}
