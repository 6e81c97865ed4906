//! `#[monitored_task("name", queue = "..", id = .., attempt = .., max_attempts = .., cron = "..", ..)]`

use std::rc::Rc;
use std::time::Duration;

use syn::parse::ParseStream;
use syn::{Expr, Ident, LitStr};

use super::field::{Field, fields};
use super::value::{choice, expression, switch, text, time};
use super::{Arguments, Grammar, Keyed};
use crate::crate_path::CratePath;
use crate::errors::Errors;

/// The arguments of `#[monitored_task]`.
#[derive(Default)]
pub(crate) struct TaskArgs {
    pub(crate) name: Option<Rc<LitStr>>,
    pub(crate) queue: Option<Keyed<Rc<LitStr>>>,
    pub(crate) id: Option<Keyed<Expr>>,
    pub(crate) attempt: Option<Keyed<Expr>>,
    pub(crate) max_attempts: Option<Keyed<Expr>>,
    pub(crate) enqueued_at: Option<Keyed<Expr>>,
    pub(crate) lost: Option<Keyed<Expr>>,
    pub(crate) trace: Option<Keyed<Expr>>,
    pub(crate) slow: Option<Keyed<Duration>>,
    pub(crate) report: Option<Keyed<Report>>,
    pub(crate) category: Option<Keyed<Rc<LitStr>>>,
    pub(crate) cron: Option<Keyed<Rc<LitStr>>>,
    pub(crate) timezone: Option<Keyed<Rc<LitStr>>>,
    pub(crate) slug: Option<Keyed<Rc<LitStr>>>,
    pub(crate) checkin_margin: Option<Keyed<Duration>>,
    pub(crate) max_runtime: Option<Keyed<Duration>>,
    pub(crate) fields: Option<Keyed<Vec<Field>>>,
    pub(crate) tags: Option<Keyed<Vec<Field>>>,
    pub(crate) future: Option<Keyed<bool>>,
    pub(crate) krate: Option<Keyed<CratePath>>,
}

/// Which failures become events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    LastAttempt,
    EveryAttempt,
}

const REPORTS: &[(&str, Report)] = &[("last_attempt", Report::LastAttempt), ("every_attempt", Report::EveryAttempt)];

/// Its words.
pub(crate) static GRAMMAR: Grammar = Grammar {
    attribute: "monitored_task",
    words: &[
        "queue",
        "id",
        "attempt",
        "max_attempts",
        "enqueued_at",
        "lost",
        "trace",
        "slow",
        "report",
        "category",
        "cron",
        "timezone",
        "slug",
        "checkin_margin",
        "max_runtime",
        "fields",
        "tags",
        "future",
        "crate",
    ],
};

impl Arguments for TaskArgs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    fn name(&mut self) -> Option<&mut Option<Rc<LitStr>>> {
        Some(&mut self.name)
    }

    fn word(&mut self, key: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        match key.to_string().as_str() {
            "queue" => text(&mut self.queue, key, input, errors),
            "id" => expression(&mut self.id, key, input, errors),
            "attempt" => expression(&mut self.attempt, key, input, errors),
            "max_attempts" => expression(&mut self.max_attempts, key, input, errors),
            "enqueued_at" => expression(&mut self.enqueued_at, key, input, errors),
            "lost" => expression(&mut self.lost, key, input, errors),
            "trace" => expression(&mut self.trace, key, input, errors),
            "slow" => time(&mut self.slow, key, input, errors),
            "report" => choice(&mut self.report, key, REPORTS, "last_attempt", input, errors),
            "category" => text(&mut self.category, key, input, errors),
            "cron" => text(&mut self.cron, key, input, errors),
            "timezone" => text(&mut self.timezone, key, input, errors),
            "slug" => text(&mut self.slug, key, input, errors),
            "checkin_margin" => time(&mut self.checkin_margin, key, input, errors),
            "max_runtime" => time(&mut self.max_runtime, key, input, errors),
            "fields" => fields(&mut self.fields, key, input, errors),
            "tags" => fields(&mut self.tags, key, input, errors),
            "future" => switch(&mut self.future, key, input, errors),
            _ => expression(&mut self.krate, key, input, errors),
        }
    }
}
