//! The rules: what Sentry takes, what may leave, what can be wrapped.

pub(crate) mod nearest;
mod secret;
mod secret_keys;
mod wrappable;

pub(crate) use secret::is_secret;

use crate::annotation::Annotation;
use crate::errors::Errors;
use crate::function::FnItem;

/// Holds everything that was asked for against the rules.
pub(crate) fn check(annotation: &Annotation, item: &FnItem, errors: &mut Errors) {
    wrappable::check(annotation, item, errors);
}
