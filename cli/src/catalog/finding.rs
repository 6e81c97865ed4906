//! Names that are taken twice.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{Catalog, Function};

/// Two or more annotations that Sentry cannot tell apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `span name` or `monitor slug`.
    pub what: &'static str,
    /// The name that is taken twice.
    pub name: String,
    /// Where, as `file:line function`.
    pub places: Vec<String>,
    /// What to change.
    pub change: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} `{}` is taken {} times", self.what, self.name, self.places.len())
    }
}

impl Catalog {
    /// Names of spans and tasks, and slugs of monitors, that more than one function has.
    pub fn findings(&self) -> Vec<Finding> {
        let spans = self.functions.iter().filter(|function| function.is("span") || function.is("task"));
        let names = taken_twice(
            "span name",
            "give each function a name of its own, as in `#[monitor_performance(\"name\")]`",
            spans.map(|function| (function.name.as_str(), function)),
        );
        let slugs = taken_twice(
            "monitor slug",
            "give each schedule a slug of its own, as in `slug = \"name\"`",
            self.monitors().map(|(function, cron)| (cron.slug.as_str(), function)),
        );
        names.into_iter().chain(slugs).collect()
    }
}

fn taken_twice<'a>(
    what: &'static str,
    change: &'static str,
    named: impl Iterator<Item = (&'a str, &'a Function)>,
) -> Vec<Finding> {
    let mut by_name: BTreeMap<&str, Vec<&Function>> = BTreeMap::new();
    for (name, function) in named {
        let known = by_name.entry(name).or_default();
        // One function in two configurations is one function.
        let alternative =
            |other: &&Function| function.is_conditional && other.is_conditional && other.path() == function.path();
        if !known.iter().any(alternative) {
            known.push(function);
        }
    }
    let several = by_name.into_iter().filter(|(_, functions)| functions.len() > 1);
    let finding = |(name, functions): (&str, Vec<&Function>)| Finding {
        what,
        name: name.to_owned(),
        places: functions
            .iter()
            .map(|function| format!("{}:{} {}", function.file, function.line, function.function))
            .collect(),
        change,
    };
    several.map(finding).collect()
}
