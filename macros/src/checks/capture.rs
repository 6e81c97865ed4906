//! What `#[capture_errors]` says of single errors.

use quote::ToTokens;
use syn::parse::Parser;
use syn::{Expr, Lit, Pat};

use crate::annotation::Annotation;
use crate::args::CaptureArgs;
use crate::args::value::ungrouped;
use crate::errors::Errors;
use crate::tokens::text;

/// Patterns, fingerprints, and values that wait for an error.
pub(super) fn check(annotation: &Annotation, errors: &mut Errors) {
    let Some(args) = &annotation.capture else { return };
    if let Some(pattern) = &args.ignore
        && let Ok(pattern) = Pat::parse_multi_with_leading_vert.parse2(pattern.value.0.clone())
    {
        ignore(&pattern, errors);
    }
    fingerprint(args, errors);
    if let Some(late) = &args.late
        && args.fields.is_none()
        && args.tags.is_none()
        && args.context.is_none()
        && args.args.is_none()
    {
        errors.push(
            &late.key,
            "`late` is about `fields`, `tags`, `context` and `args`, and there are none; leave it out",
        );
    }
}

/// A pattern that every error fits would ignore them all.
fn ignore(pattern: &Pat, errors: &mut Errors) {
    if let Pat::Slice(list) = pattern {
        let mut all = String::new();
        for pair in list.elems.pairs() {
            if !all.is_empty() {
                all.push_str(" | ");
            }
            all.push_str(&text(&pair.into_value().to_token_stream()));
        }
        errors.push(pattern, format!("patterns stand side by side; write `ignore = {all}`"));
        return;
    }
    if fits_everything(pattern) {
        errors.push(pattern, "this pattern fits every error, and none would be reported; name the errors to ignore");
    }
}

fn fits_everything(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Or(cases) => cases.cases.pairs().any(|pair| fits_everything(pair.into_value())),
        Pat::Paren(inner) => fits_everything(&inner.pat),
        // A lower-case name binds; an upper-case one is a constant.
        Pat::Ident(name) => {
            name.subpat.is_none() && name.ident.to_string().starts_with(|c: char| c.is_lowercase() || c == '_')
        }
        _ => false,
    }
}

fn fingerprint(args: &CaptureArgs, errors: &mut Errors) {
    let Some(parts) = &args.fingerprint else { return };
    if parts.value.0.is_empty() {
        errors.push(
            &parts.key,
            "an empty fingerprint groups errors that have nothing in common; name its parts, or leave it out",
        );
    }
    for part in &parts.value.0 {
        if let Ok(part) = syn::parse2(part.clone())
            && let Expr::Lit(literal) = ungrouped(&part)
            && let Lit::Str(text) = &literal.lit
            && text.value().trim().is_empty()
        {
            errors.push(text, "an empty part tells nothing apart; take it away");
        }
    }
}
