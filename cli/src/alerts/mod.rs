//! Monitors, alerts and a dashboard for what is annotated, in the words of Sentry's API or of its Terraform provider.
//!
//! In Sentry's terms a *monitor* watches a number and opens an issue, and an *alert* tells someone of the issues of its
//! monitors. The rules are the three of the guide, and one for each error category, slow limit and cron monitor of a
//! [`Catalog`].

mod api;
mod dashboard;
mod monitor;
mod terraform;
mod text;

use std::collections::BTreeSet;

pub use self::dashboard::Widget;
pub use self::monitor::{Dataset, Monitor, Schedule};
use crate::catalog::Catalog;

/// In which form the rules are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Lines for a person.
    #[default]
    Text,
    /// A list of requests to Sentry's API, in the order in which they are to be made.
    SentryApi,
    /// Resources of the Terraform provider jianyuan/sentry, 0.15 or newer.
    Terraform,
}

/// Where the rules are for.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The organization's slug.
    pub organization: String,
    /// The project's slug.
    pub project: String,
    /// The environment that is watched; all, if none is named.
    pub environment: Option<String>,
    /// The transaction that the guide's rule of slow requests is about; every request, if none is named.
    pub route: Option<String>,
}

/// Everything that is to be made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where.
    pub place: Place,
    /// Numbers that are watched.
    pub monitors: Vec<Monitor>,
    /// Schedules that are watched.
    pub schedules: Vec<Schedule>,
    /// The dashboard's widgets.
    pub widgets: Vec<Widget>,
}

impl Plan {
    /// The rules for a catalogue.
    pub fn of(catalog: &Catalog, place: Place) -> Self {
        let mut monitors = monitor::of_the_guide(place.route.as_deref());
        monitors.extend(catalog.categories().into_iter().filter(|name| *name != "payment").map(Monitor::of_category));
        let mut seen = BTreeSet::new();
        let slow = catalog.functions.iter().filter(|function| seen.insert((&function.name, &function.op)));
        monitors.extend(slow.filter_map(Monitor::of_slow_limit));
        let mut schedules: Vec<_> = catalog.monitors().map(|(_, cron)| Schedule::of(cron)).collect();
        tell_apart(monitors.iter_mut().map(|monitor| &mut monitor.key));
        tell_apart(schedules.iter_mut().map(|schedule| &mut schedule.key));
        let widgets = dashboard::widgets(catalog);
        Self { place, monitors, schedules, widgets }
    }

    /// The plan in this form.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => text::render(self),
            Format::SentryApi => serde_json::to_string_pretty(&api::requests(self)).unwrap_or_default() + "\n",
            Format::Terraform => terraform::render(self),
        }
    }

    /// The dashboard alone, as a request to Sentry's API.
    pub fn dashboard(&self) -> String {
        serde_json::to_string_pretty(&api::dashboard(self)).unwrap_or_default() + "\n"
    }

    /// The names of the two alerts with the monitors that they tell of, how often in minutes, and of what they remind.
    fn alerts(&self) -> [Alert<'_>; 2] {
        let (urgent, others): (Vec<_>, Vec<_>) = self.monitors.iter().partition(|monitor| monitor.is_urgent);
        [
            Alert {
                key: "urgent",
                name: "Watchpost: page on-call",
                minutes: 5,
                monitors: urgent,
                with_schedules: false,
            },
            Alert {
                key: "team",
                name: "Watchpost: tell the team",
                minutes: 60,
                monitors: others,
                with_schedules: true,
            },
        ]
    }
}

/// Numbers the keys that come again: names that differ only in what a key has no sign for.
fn tell_apart<'k>(keys: impl Iterator<Item = &'k mut String>) {
    let mut seen = BTreeSet::new();
    for key in keys {
        let name = key.clone();
        let mut number = 2;
        while !seen.insert(key.clone()) {
            *key = format!("{name}_{number}");
            number += 1;
        }
    }
}

/// Who is told of what.
struct Alert<'a> {
    key: &'static str,
    name: &'static str,
    /// At most once in so many minutes.
    minutes: u32,
    monitors: Vec<&'a Monitor>,
    /// Whether it also tells of missed and failed runs.
    with_schedules: bool,
}
