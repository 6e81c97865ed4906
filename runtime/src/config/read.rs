//! Reading variables: each by the table, every problem kept.

use std::collections::BTreeMap;

use super::problem::{ConfigErrors, Problem, Refused};
use super::release::PLATFORM_VARIABLES;
use super::settings::Proxies;
use super::variable::VARIABLES;
use super::{Config, shown, suggest};

/// A value that is text, or one that is not and what can be shown of it.
type Value = Result<String, String>;

impl Config {
    pub(super) fn read(variables: impl Iterator<Item = (String, Value)>) -> Result<Self, ConfigErrors> {
        let given: BTreeMap<String, Value> = variables.collect();
        let mut config = Self::empty();
        let mut problems: Vec<Problem> = Vec::new();
        for (name, value) in &given {
            let Some(variable) = VARIABLES.iter().find(|variable| variable.name() == name) else {
                problems.extend(slip(name, value));
                continue;
            };
            let read = match value.as_deref().map(str::trim) {
                Ok("") => Ok(()),
                Ok(text) => variable.read(text, &mut config.variables),
                Err(_) => Err(Refused::outside().allowed(variable.allowed()).because("this is not UTF-8")),
            };
            if let Err(refused) = read {
                let (Ok(text) | Err(text)) = value;
                problems.push(Problem::new(name, variable.mask(text.trim()), refused));
            }
        }
        let text = |name: &str| given.get(name)?.as_deref().ok().map(str::trim).filter(|text| !text.is_empty());
        config.detected = PLATFORM_VARIABLES
            .iter()
            .enumerate()
            .filter_map(|(at, (name, _))| Some((at, text(name)?.to_owned())))
            .collect();
        let http = text("HTTP_PROXY").or_else(|| text("http_proxy"));
        let https = text("HTTPS_PROXY").or_else(|| text("https_proxy")).or(http);
        config.proxies = Proxies { http: http.map(str::to_owned), https: https.map(str::to_owned) };
        ConfigErrors::from_problems(problems)?;
        Ok(config)
    }
}

/// A name that is nearly one of ours would be passed over in silence otherwise.
fn slip(name: &str, value: &Value) -> Option<Problem> {
    let starts = name.get(.."SENTRY_".len()).is_some_and(|start| start.eq_ignore_ascii_case("SENTRY_"));
    let empty = value.as_deref().is_ok_and(|text| text.trim().is_empty());
    if !starts || empty {
        return None;
    }
    let meant = suggest::variable(name, VARIABLES.iter().map(super::Variable::name))?;
    let (Ok(text) | Err(text)) = value;
    let text = text.trim();
    let shown = if meant == "SENTRY_DSN" { shown::dsn(text) } else { shown::value(text) };
    Some(Problem::new(name, shown, Refused::default().because("is no variable that anything here reads").meant(meant)))
}
