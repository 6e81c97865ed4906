//! Functions that no wrapper can go around.

use syn::{ReturnType, Type, TypeParamBound, WherePredicate};

use crate::annotation::Annotation;
use crate::errors::Errors;
use crate::function::{FnItem, Kind, Outcome, future_output, ungrouped};

/// Refuses what cannot be wrapped, with the way that is left.
pub(super) fn check(annotation: &Annotation, item: &FnItem, errors: &mut Errors) {
    refuse(annotation, item, "use `watchpost::span(..)` where it is called", errors);
}

/// The same for a function in an annotated block.
pub(super) fn check_in_block(annotation: &Annotation, item: &FnItem, errors: &mut Errors) {
    let skip = match (annotation.monitor.is_some(), annotation.capture.is_some()) {
        (false, true) => "`#[capture_errors(skip)]`",
        _ => "`#[monitor_performance(skip)]`",
    };
    refuse(
        annotation,
        item,
        &format!("leave it out with {skip}, and use `watchpost::span(..)` where it is called"),
        errors,
    );
}

fn refuse(annotation: &Annotation, item: &FnItem, way: &str, errors: &mut Errors) {
    let sig = &item.sig;
    if let Some(constness) = &sig.constness {
        errors.push(constness, format!("a `const fn` also runs at compile time and cannot be watched; {way}"));
        return;
    }
    if item.body.is_none() {
        errors.push(
            &sig.ident,
            format!("a function without a body cannot be watched; annotate the one that has it, or {way}"),
        );
        return;
    }
    if let Some(attr) = item.attrs.iter().find(|attr| attr.path().is_ident("naked") || is_unsafe(attr, "naked")) {
        errors.push(attr, format!("a naked function has no place for a wrapper; {way}"));
        return;
    }
    let kind = Kind::of(sig, annotation.future().map(|future| future.value));
    future_flag(annotation, item, kind, errors);
    let outcome = Outcome::of(sig, kind);
    if annotation.capture.is_some() {
        no_result(item, outcome, errors);
    } else if annotation.task.is_some()
        && let Some(opaque) = opaque_outcome(sig, kind)
    {
        errors.push(
            opaque,
            "a task fails or succeeds by what it returns, and `impl Trait` hides that; name the type, as in \
             `Result<impl Trait, Error>`, or run it by `watchpost::task(..)`",
        );
    }
    let observed = annotation.capture.is_some() || annotation.task.is_some();
    if let Some(variadic) = &sig.variadic
        && (observed || kind != Kind::Sync)
    {
        errors.push(variadic, "the arguments of a variadic function cannot be passed on; use `watchpost::capture_error(&err).send()` inside");
        return;
    }
    let Some(attr) = item.attrs.iter().find(|attr| attr.path().is_ident("track_caller")) else { return };
    if kind == Kind::Async {
        return;
    }
    let told = annotation.capture.is_some() || annotation.task.is_some() && outcome.says_result();
    if told || kind != Kind::Sync {
        errors.push(
            attr,
            "the wrapper would be what `#[track_caller]` reports as the caller; measure it with `monitor_performance`, or use \
             `watchpost::capture_error(&err).send()` inside",
        );
    }
}

fn is_unsafe(attr: &syn::Attribute, name: &str) -> bool {
    match &attr.meta {
        syn::Meta::List(list) => list.path.is_ident("unsafe") && list.tokens.to_string() == name,
        _ => false,
    }
}

fn no_result(item: &FnItem, outcome: Outcome, errors: &mut Errors) {
    const NEEDS: &str = "`capture_errors` needs a function that returns `Result`";
    const WAY: &str = "return one, or use `watchpost::capture_error(&err).send()` inside";
    match (&item.sig.output, outcome) {
        (ReturnType::Default, _) => {
            errors.push(&item.sig.ident, format!("{NEEDS}, and this one returns nothing; {WAY}"));
        }
        (ReturnType::Type(_, ty), Outcome::Never) => {
            errors.push(ty, format!("{NEEDS}, and this one never does; {WAY}"));
        }
        (ReturnType::Type(_, ty), Outcome::Plain) => errors.push(ty, format!("{NEEDS}, and this is none; {WAY}")),
        _ => {}
    }
}

/// The `impl Trait` that a call ends with, or its future.
fn opaque_outcome(sig: &syn::Signature, kind: Kind) -> Option<&Type> {
    let ReturnType::Type(_, ty) = &sig.output else { return None };
    let ty = match kind {
        Kind::Sync | Kind::Async => ungrouped(ty),
        Kind::ImplFuture | Kind::Boxed => ungrouped(future_output(ty)?),
    };
    matches!(ty, Type::ImplTrait(_)).then_some(ty)
}

/// `future` where it says nothing new or nothing true, and futures that only it could tell.
fn future_flag(annotation: &Annotation, item: &FnItem, kind: Kind, errors: &mut Errors) {
    let sig = &item.sig;
    let Some(flag) = annotation.future() else {
        if let ReturnType::Type(_, ty) = &sig.output
            && kind == Kind::Sync
            && is_generic_future(ty, sig)
        {
            errors.push(
                ty,
                "this function returns a future that someone else made; write `future = false` to watch the call alone, or annotate \
                 the function that makes it",
            );
        }
        return;
    };
    if kind == Kind::Async {
        errors.push(&flag.key, "an `async fn` is known to be a future; leave `future` out");
    } else if matches!(sig.output, ReturnType::Default) {
        errors.push(&flag.key, "this function returns nothing, so no future; leave `future` out");
    } else if flag.value && (kind == Kind::ImplFuture || Kind::of(sig, None) == Kind::Boxed) {
        errors.push(&flag.key, "the return type is known to be a future; leave `future` out");
    } else if flag.value
        && let ReturnType::Type(_, ty) = &sig.output
        && !matches!(ungrouped(ty), Type::Path(_) | Type::Macro(_) | Type::Verbatim(_))
    {
        errors.push(
            ty,
            "`future` is for names that stand for `Pin<Box<dyn Future ..>>`, and this is none; leave `future` out",
        );
    }
}

/// Whether the type is one of the function's own parameters, and bound to be a future.
fn is_generic_future(ty: &Type, sig: &syn::Signature) -> bool {
    let Type::Path(path) = ungrouped(ty) else { return false };
    let Some(name) = path.path.get_ident() else { return false };
    let is_future = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|segment| segment.ident == "Future"),
        _ => false,
    };
    let own = sig.generics.type_params().any(|param| param.ident == *name && param.bounds.iter().any(is_future));
    let clause = sig.generics.where_clause.as_ref().is_some_and(|clause| {
        clause.predicates.pairs().any(|pair| match pair.into_value() {
            WherePredicate::Type(predicate) => {
                matches!(ungrouped(&predicate.bounded_ty), Type::Path(bounded) if bounded.path.is_ident(name))
                    && predicate.bounds.iter().any(is_future)
            }
            _ => false,
        })
    });
    sig.generics.type_params().any(|param| param.ident == *name) && (own || clause)
}
