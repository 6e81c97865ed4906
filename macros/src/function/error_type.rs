//! The error type, as far as the signature shows it.

use syn::{GenericArgument, Ident, Lifetime, PathArguments, ReturnType, Signature, Type};

use super::kind::ungrouped;
use super::{Owner, future_output};
use crate::walk::{self, Walk};

/// Whether the error type has a type parameter or a borrow among its own arguments (`Full<T>`, `Refused<Self::Item>`,
/// `Bad<&str>`).
///
/// On the block itself the attribute reads what the block says of its parameters and of `Self::Error`. An attribute inside does not see the block's parameters: there a name of a letter or two in capitals is
/// taken for one, as everybody writes them. What hides behind `Self::Error` may borrow where the block has a lifetime, which is
/// seen where an argument has it too, as in `impl<'a> TryFrom<&'a str> for Name`.
pub(crate) fn error_is_generic(sig: &Signature, owner: Option<&Owner>) -> bool {
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
    let Some(error) = error.last() else { return false };
    let said = hidden(error).and_then(|name| owner?.associated(name)).map(ungrouped);
    let error = said.unwrap_or(error);
    if hidden(error).is_some() && borrows_from_outside(sig) {
        return true;
    }
    let Type::Path(error) = error else { return false };
    let mut find = Find { sig, owner, found: false };
    for segment in &error.path.segments {
        walk::path_arguments(&mut segment.arguments.clone(), &mut find);
    }
    find.found
}

/// The name behind which the type hides: `Error` of `Self::Error` and of `<Self as Trait>::Error`.
fn hidden(ty: &Type) -> Option<&Ident> {
    let Type::Path(ty) = ty else { return None };
    let is_hidden = ty.qself.is_some() || ty.path.segments.len() > 1 && ty.path.segments[0].ident == "Self";
    ty.path.segments.last().filter(|_| is_hidden).map(|name| &name.ident)
}

/// Whether an argument has a lifetime that the function does not declare itself.
fn borrows_from_outside(sig: &Signature) -> bool {
    struct Lifetimes<'a> {
        sig: &'a Signature,
        found: bool,
    }
    impl Walk for Lifetimes<'_> {
        fn lifetime(&mut self, lifetime: &Lifetime) {
            let own = self.sig.generics.lifetimes().any(|declared| declared.lifetime == *lifetime);
            self.found |= !own && lifetime.ident != "static" && lifetime.ident != "_";
        }
    }
    let mut lifetimes = Lifetimes { sig, found: false };
    for mut argument in sig.inputs.iter().cloned() {
        walk::fn_arg(&mut argument, &mut lifetimes);
    }
    lifetimes.found
}

struct Find<'a> {
    sig: &'a Signature,
    owner: Option<&'a Owner>,
    found: bool,
}

impl Walk for Find<'_> {
    fn ty(&mut self, ty: &mut Type) -> bool {
        match ty {
            Type::Path(path) => {
                if let (None, Some(first)) = (&path.path.leading_colon, path.path.segments.first()) {
                    let name = first.ident.to_string();
                    let short = name.len() <= 2
                        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
                    let owner = self.owner.iter().flat_map(|owner| owner.generics.type_params());
                    let own = self.sig.generics.type_params().chain(owner).any(|param| param.ident == name);
                    self.found |= short || own || name == "Self" || path.qself.is_some();
                }
            }
            Type::Reference(reference) => {
                self.found |= reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static");
            }
            _ => {}
        }
        true
    }
}
