//! The rules: what Sentry takes, what may leave, what can be wrapped.

mod capture;
mod cron;
mod expression;
mod fields;
pub(crate) mod limits;
mod names;
pub(crate) mod nearest;
mod secret;
pub(crate) mod secret_keys;
mod stack;
mod task;
mod wrappable;
mod zones;

pub(crate) use secret::is_secret;

use std::rc::Rc;

use syn::LitStr;

use crate::annotation::Annotation;
use crate::args::Keyed;
use crate::errors::Errors;
use crate::function::{FnItem, ImplBlock};

/// Holds everything that the attributes on a function ask for against the rules.
pub(crate) fn check(annotation: &Annotation, item: &FnItem, errors: &mut Errors) {
    stack::skip(annotation, errors);
    arguments(annotation, errors);
    task::name(annotation, item, errors);
    wrappable::check(annotation, item, errors);
}

/// The same for those on an `impl` block, which stand for all of its functions.
pub(crate) fn check_block(annotation: &Annotation, block: &ImplBlock, errors: &mut Errors) {
    stack::block(annotation, block, errors);
    arguments(annotation, errors);
}

/// The same for those on a function in such a block.
pub(crate) fn check_own_in_block(own: &Annotation, item: &FnItem, errors: &mut Errors) {
    stack::skip_in_block(own, errors);
    arguments(own, errors);
    task::name(own, item, errors);
}

/// What such a function is asked for with what the block says.
pub(crate) fn check_in_block(merged: &Annotation, item: &FnItem, errors: &mut Errors) {
    if !merged.is_empty() {
        wrappable::check_in_block(merged, item, errors);
    }
}

/// The rules that concern the arguments alone.
fn arguments(annotation: &Annotation, errors: &mut Errors) {
    texts(annotation, errors);
    fields::check(annotation, errors);
    expression::check(annotation, errors);
    capture::check(annotation, errors);
    task::check(annotation, errors);
    stack::check(annotation, errors);
}

fn texts(annotation: &Annotation, errors: &mut Errors) {
    if let Some(monitor) = &annotation.monitor {
        text(monitor.name.as_ref(), names::name, errors);
        keyed(&monitor.op, names::op, errors);
    }
    if let Some(capture) = &annotation.capture {
        keyed(&capture.category, limits::category, errors);
    }
    if let Some(task) = &annotation.task {
        text(task.name.as_ref(), names::name, errors);
        keyed(&task.queue, names::queue, errors);
        keyed(&task.category, limits::category, errors);
    }
}

type Rule = fn(&str) -> Result<(), String>;

fn keyed(said: &Option<Keyed<Rc<LitStr>>>, rule: Rule, errors: &mut Errors) {
    text(said.as_ref().map(|said| &said.value), rule, errors);
}

fn text(text: Option<&Rc<LitStr>>, rule: Rule, errors: &mut Errors) {
    if let Some(text) = text
        && let Err(message) = rule(&text.value())
    {
        errors.push(text, message);
    }
}
