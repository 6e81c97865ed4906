//! Where attributes meet: on one function, and on an `impl` block and a function in it.

use crate::annotation::Annotation;
use crate::args::{Field, Keyed, listed};
use crate::errors::Errors;
use crate::function::ImplBlock;

/// Two attributes that say the same thing twice.
pub(super) fn check(annotation: &Annotation, errors: &mut Errors) {
    let (monitor, capture, task) = (annotation.monitor.as_ref(), annotation.capture.as_ref(), annotation.task.as_ref());
    if let (Some(_), Some(slow)) =
        (monitor.and_then(|args| args.slow.as_ref()), task.and_then(|args| args.slow.as_ref()))
    {
        errors.push(&slow.key, "`slow` is given by `monitor_performance` as well; keep one");
    }
    if let (Some(_), Some(name)) =
        (monitor.and_then(|args| args.name.as_ref()), task.and_then(|args| args.name.as_ref()))
    {
        errors.push(name, "the name is given by `monitor_performance` as well; keep one");
    }
    if let (Some(_), Some(category)) =
        (capture.and_then(|args| args.category.as_ref()), task.and_then(|args| args.category.as_ref()))
    {
        errors.push(&category.key, "`category` is given by `capture_errors` as well; keep one");
    }
    if let (Some(_), Some(root)) = (task, monitor.and_then(|args| args.root.as_ref())) {
        errors.push(&root.key, "a task always is a transaction of its own; leave `root` out");
    }
    let of_monitor = monitor.map_or(&[][..], |args| listed(&args.fields));
    let of_capture = capture.map_or(&[][..], |args| listed(&args.fields));
    both(&[of_monitor, of_capture, task.map_or(&[], |args| listed(&args.fields))], errors);
    let of_capture = capture.map_or(&[][..], |args| listed(&args.tags));
    both(&[of_capture, task.map_or(&[], |args| listed(&args.tags))], errors);
}

/// The same field, or tag, under two attributes is one: it has one value.
fn both(lists: &[&[Field]], errors: &mut Errors) {
    let mut seen: Vec<(String, String)> = Vec::new();
    for list in lists {
        for field in *list {
            let (key, value) = (field.key.value(), format!("{:?} {}", field.how, field.value));
            match seen.iter().find(|(known, _)| *known == key) {
                Some((_, other)) if *other != value => {
                    errors.push(&field.key, format!("`{key}` has another value under another attribute; keep one"));
                }
                Some(_) => {}
                None => seen.push((key, value)),
            }
        }
    }
}

/// `skip` is for functions in an annotated `impl` block.
pub(super) fn skip(annotation: &Annotation, errors: &mut Errors) {
    if let Some(args) = &annotation.monitor {
        no_skip(args.skip.as_ref(), errors);
    }
    if let Some(args) = &annotation.capture {
        no_skip(args.skip.as_ref(), errors);
    }
}

fn no_skip(skip: Option<&Keyed<()>>, errors: &mut Errors) {
    if let Some(skip) = skip {
        errors.push(
            &skip.key,
            "`skip` leaves a function out of an annotated `impl` block; take the attribute away instead",
        );
    }
}

/// `skip` stands alone.
pub(super) fn skip_in_block(own: &Annotation, errors: &mut Errors) {
    if let Some(args) = &own.monitor
        && let Some(skip) = &args.skip
        && args.says_more_than_skip()
    {
        errors.push(
            &skip.key,
            "`skip` leaves the function out, so the other arguments have no use; keep one or the other",
        );
    }
    if let Some(args) = &own.capture
        && let Some(skip) = &args.skip
        && args.says_more_than_skip()
    {
        errors.push(
            &skip.key,
            "`skip` leaves the function out, so the other arguments have no use; keep one or the other",
        );
    }
}

/// What makes no sense for all functions of a block at once.
pub(super) fn block(annotation: &Annotation, block: &ImplBlock, errors: &mut Errors) {
    skip(annotation, errors);
    if let Some(args) = &annotation.monitor {
        if let Some(name) = &args.name {
            errors.push(name, "a name is for one function; in a block each is named `Type::function`");
        }
        if let Some(future) = &args.future {
            errors.push(&future.key, "`future` is for one function; put it there");
        }
    }
    if let Some(args) = &annotation.capture
        && let Some(future) = &args.future
    {
        errors.push(&future.key, "`future` is for one function; put it there");
    }
    if annotation.task.is_some() {
        errors.at(block.impl_token.span, "`monitored_task` is for one function; put it there");
    }
}
