//! The return type as a closure or a `let` may state it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ReturnType, Signature, Type};

use crate::walk::{self, Walk};

/// The return type with every `impl Trait` in it left to the compiler.
pub(crate) fn erased(sig: &Signature) -> TokenStream {
    let ReturnType::Type(_, ty) = &sig.output else { return quote!(()) };
    erased_type(ty)
}

/// The same of one type.
pub(crate) fn erased_type(ty: &Type) -> TokenStream {
    let mut ty = ty.clone();
    walk::ty(&mut ty, &mut Erase::default());
    ty.into_token_stream()
}

/// Whether there is any `impl Trait` in the return type.
pub(crate) fn hides(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else { return false };
    let mut erase = Erase::default();
    walk::ty(&mut ty.clone(), &mut erase);
    erase.any
}

#[derive(Default)]
struct Erase {
    any: bool,
}

impl Walk for Erase {
    fn ty(&mut self, ty: &mut Type) -> bool {
        if let Type::ImplTrait(opaque) = ty {
            *ty = Type::Infer(syn::TypeInfer {
                attrs: Vec::new(),
                underscore_token: syn::Token![_](opaque.impl_token.span),
            });
            self.any = true;
        }
        true
    }
}
