//! Any environment gives a configuration, or errors that name every bad variable: judged by a second reading of the
//! rules, written without a look at the parser.

use proptest::prelude::*;
use sentry_core::types::Dsn;

use super::{Config, Environment, Settings, VARIABLES};

/// What a second reader of the rules makes of a value: `None` refuses it, else whether the settings hold it.
fn judge(name: &str, text: &str, settings: &Settings) -> Option<bool> {
    let rate = |got: f32| -> Option<bool> {
        let said: f64 = text.parse().ok()?;
        (0.0..=1.0).contains(&said).then_some((f64::from(got) - said).abs() < 1e-6)
    };
    let word = text.to_lowercase();
    let flag = match word.as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    };
    let bad_text = |most: usize| {
        text.len() > most
            || text.chars().any(|c| c.is_control() || c == '/' || c == '\\')
            || text.starts_with(['"', '\''])
            || text.ends_with(['"', '\''])
            || text == "."
            || text == ".."
    };
    match name {
        "SENTRY_DSN" => {
            let said: Dsn = text.parse().ok()?;
            Some(settings.dsn.as_ref() == Some(&said))
        }
        "SENTRY_ENVIRONMENT" => match word.as_str() {
            "development" => Some(settings.environment == Environment::Development),
            "staging" => Some(settings.environment == Environment::Staging),
            "production" => Some(settings.environment == Environment::Production),
            "dev" | "develop" | "prod" | "prd" | "stage" | "stg" | "none" => None,
            _ if bad_text(64) || text.chars().any(char::is_whitespace) => None,
            _ => Some(settings.environment.as_str() == text),
        },
        "SENTRY_RELEASE" if bad_text(200) || word == "latest" => None,
        "SENTRY_RELEASE" => Some(settings.release.as_deref() == Some(text)),
        "SENTRY_SAMPLE_RATE" => rate(settings.sample_rate),
        "SENTRY_TRACES_SAMPLE_RATE" => rate(settings.traces_sample_rate),
        "SENTRY_PROFILES_SAMPLE_RATE" => rate(settings.profiles_sample_rate),
        "SENTRY_DEBUG" => flag.map(|on| settings.debug == on),
        "SENTRY_SEND_DEFAULT_PII" => flag.map(|on| settings.send_default_pii == on),
        "SENTRY_ATTACH_STACKTRACE" => flag.map(|on| settings.attach_stacktrace == on),
        "SENTRY_INCLUDE_LOCAL_VARIABLES" => flag.map(|on| settings.include_local_variables == on),
        "SENTRY_MAX_BREADCRUMBS" => {
            let said: u64 = text.parse().ok()?;
            (said <= 10_000).then_some(settings.max_breadcrumbs as u64 == said)
        }
        "SENTRY_SPOTLIGHT" => match (flag, text.split_once("://")) {
            (Some(on), _) => Some(settings.spotlight.is_some() == on),
            (None, Some(("http" | "https", _))) => Some(settings.spotlight.as_deref() == Some(text)),
            _ => None,
        },
        _ => panic!("a variable without a judge: {name}"),
    }
}

fn names() -> impl Strategy<Value = String> {
    let known = || prop::sample::select(VARIABLES.iter().map(super::Variable::name).collect::<Vec<_>>());
    let slip = (known(), any::<prop::sample::Index>(), "[A-Z_]?").prop_map(|(name, at, with)| {
        let at = at.index(name.len());
        format!("{}{with}{}", &name[..at], &name[at + 1..])
    });
    prop_oneof![
        8 => known().prop_map(str::to_owned),
        2 => slip,
        1 => "SENTRY_[A-Z_]{0,12}",
        1 => ".{0,12}",
    ]
}

fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => ".{0,24}",
        1 => "\\PC{60,210}",
        1 => any::<f64>().prop_map(|number| number.to_string()),
        2 => (0.0..=1.0f64).prop_map(|number| number.to_string()),
        1 => any::<i32>().prop_map(|number| number.to_string()),
        1 => (0..12_000u32).prop_map(|number| number.to_string()),
        2 => prop::sample::select(vec!["true", "Off", "1", "0", "yes", "nan", "inf", "1e-3", "1.0000001", "-0.0", "80%"])
            .prop_map(str::to_owned),
        2 => prop::sample::select(vec!["production", "STAGING", "dev", "prod", "none", "latest", "shop@1.2.3", "a/b"])
            .prop_map(str::to_owned),
        3 => "https?://[a-z0-9:]{0,8}@?[a-z.]{0,8}(:[0-9]{1,6})?/[a-z/]{0,4}[0-9]{0,3}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_passed_over(environment in prop::collection::btree_map(names(), values(), 0..8)) {
        let said = || environment.iter().map(|(name, value)| (name.as_str(), value.trim()));
        let known = |name: &str| VARIABLES.iter().any(|variable| variable.name() == name);
        let set = || said().filter(|(name, value)| known(name) && !value.is_empty());
        match Config::from_vars(environment.clone()) {
            Ok(config) => {
                let settings = config.settings();
                config.check().unwrap();
                for (name, value) in set() {
                    prop_assert_eq!(judge(name, value, &settings), Some(true), "{}={:?}", name, value);
                }
                // What became of it can be put to use: none of the SDK's own setters panics.
                drop(config.client_options());
                drop((config.to_string(), format!("{config:?}")));
            }
            Err(errors) => {
                let named = |name: &str| errors.problems().iter().filter(|problem| problem.variable() == name).count();
                let nothing = Config::from_vars([("", ""); 0]).unwrap().settings();
                for (name, value) in set() {
                    if name == "SENTRY_SPOTLIGHT" && value.contains("://") {
                        continue; // the judge does not take URLs apart
                    }
                    let refused = judge(name, value, &nothing).is_none();
                    prop_assert_eq!(named(name), usize::from(refused), "{}={:?}: {}", name, value, &errors);
                }
                for problem in errors.problems() {
                    let is_known = known(problem.variable());
                    prop_assert!(environment.contains_key(problem.variable()));
                    prop_assert_eq!(is_known, !problem.allowed().is_empty());
                    prop_assert!(is_known || problem.suggestion().is_some_and(known));
                    prop_assert!(errors.to_string().contains(problem.variable()));
                }
            }
        }
    }

    #[test]
    fn no_key_of_a_dsn_is_shown(before in ".{0,6}", key in "[a-f0-9]{16}", after in ".{0,20}") {
        for text in [format!("{before}{key}@{after}"), format!("https://{key}@{after}"), format!("{before}{key}")] {
            let shown = match Config::from_vars([("SENTRY_DSN", text)]) {
                Ok(config) => format!("{config:?} {config}"),
                Err(errors) => format!("{errors:?} {errors}"),
            };
            prop_assert!(!shown.contains(&key), "{}", shown);
        }
    }
}
