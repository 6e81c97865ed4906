//! What a task says of its attempts and its schedule.

use std::time::Duration;

use syn::ext::IdentExt;
use syn::{Expr, ExprLit, ExprUnary, Lit, UnOp};

use super::nearest::nearest;
use super::{cron, names, zones};
use crate::annotation::Annotation;
use crate::args::value::ungrouped;
use crate::args::{Keyed, Report, TaskArgs};
use crate::errors::Errors;
use crate::function::FnItem;

/// Attempts, schedule, and what belongs to them.
pub(super) fn check(annotation: &Annotation, errors: &mut Errors) {
    let Some(args) = &annotation.task else { return };
    attempts(args, errors);
    schedule(args, errors);
}

fn attempts(args: &TaskArgs, errors: &mut Errors) {
    let last = args.report.as_ref().is_some_and(|report| report.value == Report::LastAttempt);
    let report = args.report.as_ref().map(|report| report.value);
    match (&args.attempt, &args.max_attempts) {
        (None, Some(max)) if report != Some(Report::EveryAttempt) => {
            errors.push(
                &max.key,
                "without `attempt` nobody can tell which attempt is the last; write `attempt = job.attempt`",
            );
        }
        (Some(attempt), None) if last => {
            errors.push(
                &attempt.key,
                "without `max_attempts` nobody can tell which attempt is the last; write `max_attempts = 5`",
            );
        }
        (None, None) if last => {
            if let Some(report) = &args.report {
                errors.push(
                    &report.key,
                    "the last attempt is told by `attempt` and `max_attempts`; give both, or leave `report` out",
                );
            }
        }
        _ => {}
    }
    for count in [&args.attempt, &args.max_attempts].into_iter().flatten() {
        let below_one = match ungrouped(&count.value) {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_digits() == "0",
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => matches!(**expr, Expr::Lit(_)),
            _ => false,
        };
        if below_one {
            errors.push(&count.value, "attempts are counted from 1");
        }
    }
}

fn schedule(args: &TaskArgs, errors: &mut Errors) {
    if let Some(cron) = &args.cron {
        if let Err(message) = cron::check(&cron.value.value()) {
            errors.push(&cron.value, message);
        }
    } else {
        let alone = [
            args.timezone.as_ref().map(|given| &given.key),
            args.slug.as_ref().map(|given| &given.key),
            args.checkin_margin.as_ref().map(|given| &given.key),
            args.max_runtime.as_ref().map(|given| &given.key),
        ];
        for key in alone.into_iter().flatten() {
            errors.push(
                key,
                format!(
                    "`{key}` is about a schedule, and there is none; write `cron = \"0 3 * * *\"`, or leave it out"
                ),
            );
        }
    }
    if let Some(timezone) = &args.timezone {
        let text = timezone.value.value();
        if !zones::is_zone(&text) {
            let near = near_zone(&text);
            let remedy = near.map_or_else(
                || "write a name of the IANA list, as in `Europe/Berlin`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let what = if text.is_empty() { "this".to_owned() } else { format!("`{text}`") };
            errors.push(&timezone.value, format!("{what} is no time zone; {remedy}"));
        }
    }
    if let Some(slug) = &args.slug
        && let Err(message) = names::slug(&slug.value.value())
    {
        errors.push(&slug.value, message);
    }
    for duration in [&args.checkin_margin, &args.max_runtime].into_iter().flatten() {
        whole_minutes(duration, errors);
    }
}

/// The time zone that is meant: by its name or its city in other letters, or by one that is nearly written so.
fn near_zone(text: &str) -> Option<&'static str> {
    let mut all = Vec::new();
    for zone in zones::zones() {
        let city = zone.rsplit('/').next().unwrap_or(zone);
        if zone.eq_ignore_ascii_case(text) || same_city(city, text) {
            return Some(zone);
        }
        all.push(zone);
    }
    if text.len() > 1 { nearest(text, &all) } else { None }
}

/// `New York` is `New_York`.
fn same_city(city: &str, text: &str) -> bool {
    let letter = |byte: u8| if byte == b' ' { b'_' } else { byte.to_ascii_lowercase() };
    city.len() == text.len() && city.bytes().zip(text.bytes()).all(|(a, b)| letter(a) == letter(b))
}

fn whole_minutes(duration: &Keyed<Duration>, errors: &mut Errors) {
    if !duration.value.as_millis().is_multiple_of(60_000) {
        let minutes = duration.value.as_secs() / 60 + 1;
        let key = &duration.key;
        errors.push(key, format!("Sentry counts `{key}` in whole minutes; write `{key} = \"{minutes}m\"`"));
    }
}

/// A schedule's monitor goes by the name of the task, if that can be a slug.
pub(super) fn name(annotation: &Annotation, item: &FnItem, errors: &mut Errors) {
    let Some(args) = &annotation.task else { return };
    if args.cron.is_none() || args.slug.is_some() {
        return;
    }
    let explicit = args.name.as_ref().or(annotation.monitor.as_ref().and_then(|args| args.name.as_ref()));
    let text = explicit.map_or_else(|| item.sig.ident.unraw().to_string(), |name| name.value());
    if names::name(&text).is_err() || names::slug(&text).is_ok() {
        return;
    }
    let message = format!("the monitor cannot be called `{text}`; add `slug = \"{}\"`", names::slugged(&text));
    match explicit {
        Some(name) => errors.push(name, message),
        None => errors.push(&item.sig.ident, message),
    }
}
