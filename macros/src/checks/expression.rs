//! Values are taken in a closure: nothing in them can wait, return or fail.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Expr;

use crate::annotation::Annotation;
use crate::errors::Errors;
use crate::walk::{self, Walk};

/// Looks at every expression in the arguments.
pub(super) fn check(annotation: &Annotation, errors: &mut Errors) {
    let mut values: Vec<TokenStream> = Vec::new();
    values.extend(annotation.fields().into_iter().chain(annotation.tags()).map(|field| field.value.clone()));
    if let Some(capture) = &annotation.capture {
        values.extend(capture.args.iter().flat_map(|args| &args.value).map(|arg| arg.value.clone()));
        values.extend(capture.context.iter().map(|context| context.value.to_token_stream()));
        values.extend(capture.fingerprint.iter().flat_map(|parts| &parts.value.0).map(ToTokens::to_token_stream));
    }
    if let Some(task) = &annotation.task {
        let said = [&task.id, &task.attempt, &task.max_attempts, &task.enqueued_at, &task.lost, &task.trace];
        values.extend(said.into_iter().flatten().map(|value| value.value.to_token_stream()));
    }
    for value in values {
        if let Ok(mut value) = syn::parse2::<Expr>(value) {
            walk::expr(&mut value, &mut Leaves { errors });
        }
    }
}

struct Leaves<'a> {
    errors: &'a mut Errors,
}

impl Walk for Leaves<'_> {
    fn expr(&mut self, expr: &mut Expr) -> bool {
        match expr {
            Expr::Await(wait) => {
                self.errors.push(
                    wait.await_token,
                    "a value cannot be awaited here; record it in the body with `watchpost::current_span().set_field(..)`",
                );
            }
            Expr::Try(attempt) => {
                self.errors
                    .push(attempt.question_token, "`?` has nowhere to go from here; record an option, or do without");
            }
            Expr::Return(ret) => {
                self.errors
                    .push(ret.return_token, "a value cannot return from the function; record it in the body instead");
            }
            // What stands in these runs elsewhere.
            Expr::Closure(_) | Expr::Async(_) => {}
            _ => return true,
        }
        false
    }
}
