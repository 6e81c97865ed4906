//! The answer to `watchpost catalog BINARY`.

use std::io::Write as _;
use std::{env, io, process};

use serde_json::{Value, json};

use super::{Derived, TypeSite, catalog, catalog_of_types};
use crate::CallSite;
use crate::site::{Kind, Report};

/// The variable that asks.
const VARIABLE: &str = "WATCHPOST_CATALOG";

/// Where the variable asks for it, says what was annotated and ends the program: nothing of it has run but what stands
/// before its monitoring.
pub(crate) fn answer_if_asked() {
    if env::var_os(VARIABLE).is_some_and(|asked| asked == "json") {
        // One line, so that it is found among what the program may have said before. Nobody hears: then nothing is said.
        let _ = writeln!(io::stdout(), "{}", listing());
        process::exit(0);
    }
}

fn listing() -> Value {
    let mut functions: Vec<_> = catalog().collect();
    functions.sort_by_key(|site| (site.file(), site.line(), site.function()));
    let mut types: Vec<_> = catalog_of_types().collect();
    types.sort_by_key(|site| (site.file, site.line, site.derive as u8));
    json!({
        "watchpost_catalog": 1,
        "functions": functions.into_iter().map(function).collect::<Vec<_>>(),
        "types": types.into_iter().map(described).collect::<Vec<_>>(),
    })
}

fn function(site: &CallSite) -> Value {
    let kinds = [
        ("span", Kind::SPAN),
        ("errors", Kind::ERRORS),
        ("task", Kind::TASK),
        ("root", Kind::ROOT),
        ("scope", Kind::SCOPE),
        ("metric", Kind::METRIC),
    ];
    let kinds: Vec<_> = kinds.into_iter().filter(|(_, kind)| site.kind().has(*kind)).map(|(word, _)| word).collect();
    json!({
        "name": site.name(),
        "function": site.function(),
        "module": site.module(),
        "file": site.file(),
        "line": site.line(),
        "kinds": kinds,
        "op": site.op(),
        "category": site.category(),
        "level": site.level().map(|level| level.to_string()),
        "slow_ms": site.slow().map(|slow| u64::try_from(slow.as_millis()).unwrap_or(u64::MAX)),
        "task": site.task().map(|task| json!({
            "queue": task.queue,
            "report": match task.report {
                Report::LastAttempt => "last_attempt",
                Report::EveryAttempt => "every_attempt",
            },
            "cron": task.cron.map(|cron| json!({
                "slug": cron.slug,
                "schedule": cron.schedule,
                "timezone": cron.timezone,
                "checkin_margin_minutes": cron.checkin_margin,
                "max_runtime_minutes": cron.max_runtime,
            })),
        })),
    })
}

fn described(site: &TypeSite) -> Value {
    json!({
        "derive": match site.derive {
            Derived::Context => "context",
            Derived::User => "user",
            Derived::Errors => "errors",
        },
        "name": site.name,
        "type": site.type_name,
        "module": site.module,
        "file": site.file,
        "line": site.line,
        "categories": site.categories,
    })
}
