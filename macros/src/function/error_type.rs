//! The error type, as far as the signature shows it.

use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Lifetime, PathArguments, ReturnType, Signature, Type, TypePath, TypeReference};

use super::future_output;
use super::kind::ungrouped;

/// Whether the error type has a type parameter or a borrow among its own arguments (`Full<T>`, `Refused<Self::Item>`,
/// `Bad<&str>`).
///
/// An attribute inside an `impl` block does not see the block's parameters: there a name of a letter or two in capitals is
/// taken for one, as everybody writes them. What hides behind `Self::Error` may borrow where the block has a lifetime, which is
/// seen where an argument has it too, as in `impl<'a> TryFrom<&'a str> for Name`.
pub(crate) fn error_is_generic(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else { return false };
    let ty = future_output(ty).unwrap_or_else(|| ungrouped(ty));
    let Type::Path(path) = ungrouped(ty) else { return false };
    let Some(PathArguments::AngleBracketed(result)) = path.path.segments.last().map(|segment| &segment.arguments)
    else {
        return false;
    };
    let error = result.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ungrouped(ty)),
        _ => None,
    });
    let Some(Type::Path(error)) = error.last() else { return false };
    let is_hidden = error.qself.is_some() || error.path.segments.len() > 1 && error.path.segments[0].ident == "Self";
    if is_hidden && borrows_from_outside(sig) {
        return true;
    }
    let mut find = Find { sig, found: false };
    for segment in &error.path.segments {
        find.visit_path_arguments_mut(&mut segment.arguments.clone());
    }
    find.found
}

/// Whether an argument has a lifetime that the function does not declare itself.
fn borrows_from_outside(sig: &Signature) -> bool {
    struct Lifetimes<'a> {
        sig: &'a Signature,
        found: bool,
    }
    impl VisitMut for Lifetimes<'_> {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            let own = self.sig.generics.lifetimes().any(|declared| declared.lifetime == *lifetime);
            self.found |= !own && lifetime.ident != "static" && lifetime.ident != "_";
        }
    }
    let mut lifetimes = Lifetimes { sig, found: false };
    for mut argument in sig.inputs.iter().cloned() {
        lifetimes.visit_fn_arg_mut(&mut argument);
    }
    lifetimes.found
}

struct Find<'a> {
    sig: &'a Signature,
    found: bool,
}

impl VisitMut for Find<'_> {
    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        if let (None, Some(first)) = (&path.path.leading_colon, path.path.segments.first()) {
            let name = first.ident.to_string();
            let short =
                name.len() <= 2 && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
            let own = self.sig.generics.type_params().any(|param| param.ident == name);
            self.found |= short || own || name == "Self" || path.qself.is_some();
        }
        visit_mut::visit_type_path_mut(self, path);
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        self.found |= reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static");
        visit_mut::visit_type_reference_mut(self, reference);
    }
}
