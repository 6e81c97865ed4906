//! What kind of function it is, told by its signature and never by its body.

use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound};

/// How a function runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// At the call.
    Sync,
    /// `async fn`.
    Async,
    /// It returns a pinned box with a future in it: what `#[async_trait]` leaves.
    Boxed,
    /// It returns `impl Future`.
    ImplFuture,
}

/// What can be told of a call from the type that it leaves with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// By its name no `Result`.
    Plain,
    /// `Result<_, _>`.
    Result,
    /// By its name a `Result`: `io::Result<_>`, `PaymentResult`.
    Named,
    /// A name that may stand for a `Result`; the compiler is asked.
    Unknown,
    /// `!`
    Never,
}

impl Kind {
    /// The kind, with what the flag `future` says.
    pub(crate) fn of(sig: &Signature, future: Option<bool>) -> Self {
        if sig.asyncness.is_some() {
            return Self::Async;
        }
        if future == Some(false) {
            return Self::Sync;
        }
        let ReturnType::Type(_, ty) = &sig.output else { return Self::Sync };
        let ty = ungrouped(ty);
        if let Type::ImplTrait(opaque) = ty {
            return if output_of_bounds(&opaque.bounds).is_some() { Self::ImplFuture } else { Self::Sync };
        }
        if future == Some(true) || boxed_future(ty).is_some() { Self::Boxed } else { Self::Sync }
    }
}

impl Outcome {
    /// What can be told of the type that a call ends with: a future's output, for those that return one.
    pub(crate) fn of(sig: &Signature, kind: Kind) -> Self {
        let ReturnType::Type(_, ty) = &sig.output else { return Self::Plain };
        let ty = ungrouped(ty);
        match kind {
            Kind::Sync | Kind::Async => Self::of_type(ty, sig),
            Kind::ImplFuture | Kind::Boxed => {
                future_output(ty).map_or(Self::Unknown, |output| Self::of_type(output, sig))
            }
        }
    }

    /// Whether the type that a call ends with is a `Result` by its name.
    pub(crate) fn says_result(self) -> bool {
        matches!(self, Self::Result | Self::Named)
    }

    fn of_type(ty: &Type, sig: &Signature) -> Self {
        match ungrouped(ty) {
            Type::Never(_) => Self::Never,
            Type::Path(path) if path.qself.is_none() => {
                let Some(last) = path.path.segments.last() else { return Self::Unknown };
                if last.ident.to_string().ends_with("Result") {
                    let both = matches!(&last.arguments, PathArguments::AngleBracketed(both) if both.args.len() == 2);
                    return if both && last.ident == "Result" { Self::Result } else { Self::Named };
                }
                let alone = path.path.segments.len() == 1 && path.path.leading_colon.is_none();
                let generic = sig.generics.type_params().any(|param| param.ident == last.ident);
                let known = PLAIN.contains(&last.ident.to_string().as_str());
                let boxed = last.ident == "Box" && !holds_future(last);
                if alone && (generic || known || boxed) { Self::Plain } else { Self::Unknown }
            }
            Type::Path(_) | Type::Macro(_) | Type::Verbatim(_) | Type::Infer(_) => Self::Unknown,
            _ => Self::Plain,
        }
    }
}

/// Names that stand for no `Result` and no future, as everybody uses them.
const PLAIN: &[&str] = &[
    "Self", "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "Option", "String", "Vec",
];

fn holds_future(segment: &syn::PathSegment) -> bool {
    let Some(Type::TraitObject(object)) = only_type(segment) else { return false };
    output_of_bounds(&object.bounds).is_some()
}

/// Whether the return type is a future by its name.
pub(crate) fn names_future(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else { return false };
    let is_name = |segment: &syn::PathSegment| {
        let name = segment.ident.to_string();
        name.ends_with("Future") || FUTURES.contains(&name.as_str())
    };
    future_output(ty).is_some() || last_segment(ty).is_some_and(is_name)
}

/// Futures that functions hand out: of tasks under way, of one value to come, of a time.
const FUTURES: &[&str] = &["JoinHandle", "Receiver", "Sleep", "Task", "Timeout"];

/// The type that the future in this return type ends with.
pub(crate) fn future_output(ty: &Type) -> Option<&Type> {
    match ungrouped(ty) {
        Type::ImplTrait(opaque) => output_of_bounds(&opaque.bounds),
        ty => boxed_future(ty),
    }
}

/// The output of `Pin<Box<dyn Future<Output = T> ..>>`, `BoxFuture<'_, T>` or `LocalBoxFuture<'_, T>`.
fn boxed_future(ty: &Type) -> Option<&Type> {
    let segment = last_segment(ty)?;
    if segment.ident == "BoxFuture" || segment.ident == "LocalBoxFuture" {
        return only_type(segment);
    }
    if segment.ident != "Pin" {
        return None;
    }
    let inner = last_segment(only_type(segment)?)?;
    if inner.ident != "Box" {
        return None;
    }
    match ungrouped(only_type(inner)?) {
        Type::TraitObject(object) => output_of_bounds(&object.bounds),
        _ => None,
    }
}

fn output_of_bounds<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Option<&'a Type> {
    bounds.into_iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else { return None };
        let segment = bound.path.segments.last().filter(|segment| segment.ident == "Future")?;
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
        arguments.args.pairs().find_map(|pair| match pair.into_value() {
            GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
            _ => None,
        })
    })
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ungrouped(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

fn only_type(segment: &syn::PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let mut only = None;
    for pair in arguments.args.pairs() {
        if let GenericArgument::Type(ty) = pair.into_value()
            && only.replace(ungrouped(ty)).is_some()
        {
            return None;
        }
    }
    only
}

/// The type without the parentheses and the invisible brackets of `macro_rules!` around it.
pub(crate) fn ungrouped(mut ty: &Type) -> &Type {
    loop {
        match ty {
            Type::Group(group) => ty = &group.elem,
            Type::Paren(paren) => ty = &paren.elem,
            _ => return ty,
        }
    }
}
