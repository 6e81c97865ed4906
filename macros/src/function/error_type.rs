//! The error type, as far as the signature shows it.

use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, TypePath, TypeReference};

use super::future_output;
use super::kind::ungrouped;

/// Whether the error type has a type parameter or a borrow among its own arguments (`Full<T>`, `Refused<Self::Item>`,
/// `Bad<&str>`).
///
/// An attribute inside an `impl` block does not see the block's parameters: there a name of a letter or two in capitals is
/// taken for one, as everybody writes them.
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
    let mut find = Find { sig, found: false };
    for segment in &error.path.segments {
        find.visit_path_arguments_mut(&mut segment.arguments.clone());
    }
    find.found
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
