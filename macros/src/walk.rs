//! Looking into syntax.
//!
//! syn's visitors are generic: the whole of them is compiled for each type that visits. So one does it for all.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FieldPat, FnArg, Lifetime, Pat, PathArguments, Type};

/// What is to be done with what is found on the way. Where it says `false`, what is inside is not looked at.
pub(crate) trait Walk {
    fn expr(&mut self, _: &mut Expr) -> bool {
        true
    }
    fn ty(&mut self, _: &mut Type) -> bool {
        true
    }
    fn pat(&mut self, _: &mut Pat) -> bool {
        true
    }
    /// After what is inside.
    fn field(&mut self, _: &mut FieldPat) {}
    fn lifetime(&mut self, _: &Lifetime) {}
}

pub(crate) fn expr(expr: &mut Expr, walk: &mut dyn Walk) {
    Walker(walk).visit_expr_mut(expr);
}

pub(crate) fn ty(ty: &mut Type, walk: &mut dyn Walk) {
    Walker(walk).visit_type_mut(ty);
}

pub(crate) fn pat(pat: &mut Pat, walk: &mut dyn Walk) {
    Walker(walk).visit_pat_mut(pat);
}

pub(crate) fn path_arguments(arguments: &mut PathArguments, walk: &mut dyn Walk) {
    Walker(walk).visit_path_arguments_mut(arguments);
}

pub(crate) fn fn_arg(argument: &mut FnArg, walk: &mut dyn Walk) {
    Walker(walk).visit_fn_arg_mut(argument);
}

struct Walker<'a>(&'a mut dyn Walk);

impl VisitMut for Walker<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if self.0.expr(expr) {
            visit_mut::visit_expr_mut(self, expr);
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if self.0.ty(ty) {
            visit_mut::visit_type_mut(self, ty);
        }
    }

    fn visit_pat_mut(&mut self, pat: &mut Pat) {
        if self.0.pat(pat) {
            visit_mut::visit_pat_mut(self, pat);
        }
    }

    fn visit_field_pat_mut(&mut self, field: &mut FieldPat) {
        visit_mut::visit_field_pat_mut(self, field);
        self.0.field(field);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        self.0.lifetime(lifetime);
    }
}
