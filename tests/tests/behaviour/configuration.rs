//! The guide's chapter on configuration says what the parser does: its table, its messages, its examples.

use watchpost::config::{PLATFORM_VARIABLES, VARIABLES};
use watchpost::{Config, Environment};

const PAGE: &str = include_str!("../../../runtime/guide/configuration.md");

/// The text of every block of this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    PAGE.split(&fence).skip(1).map(|block| block.split("```").next().unwrap()).collect()
}

fn variables(block: &str) -> impl Iterator<Item = (&str, &str)> {
    block.lines().map(|line| line.split_once('=').unwrap())
}

#[test]
fn the_table_is_the_parsers() {
    let row = |cells: [&str; 6]| format!("| {} |", cells.join(" | "));
    let rows: Vec<String> = VARIABLES
        .iter()
        .map(|variable| {
            let preset = |environment| variable.preset(&environment).unwrap_or_default();
            row([
                &format!("`{}`", variable.name()),
                variable.default_value(),
                preset(Environment::Development),
                preset(Environment::Staging),
                preset(Environment::Production),
                variable.allowed(),
            ])
        })
        .collect();
    let written: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| `SENTRY_")).collect();
    assert_eq!(written, rows, "the page should say:\n{}", rows.join("\n"));
}

#[test]
fn the_platforms_are_the_parsers_in_their_order() {
    let start = PAGE.find("HEROKU_BUILD_COMMIT").unwrap();
    let list = &PAGE[start - 1..PAGE[start..].find("as `package@commit`").unwrap() + start];
    let written: Vec<&str> = list.split('`').filter(|word| word.contains('_')).collect();
    let read: Vec<&str> = PLATFORM_VARIABLES.iter().map(|(name, _)| *name).collect();
    assert_eq!(written, read);
}

#[test]
fn the_message_is_what_is_said() {
    let wrong = [
        ("SENTRY_DSN", "https://key@/456"),
        ("SENTRY_ENVIRONMENT", "prod"),
        ("SENTRY_SAMPLE_RATE", "80%"),
        ("SENTRY_TRACE_SAMPLE_RATE", "1"),
    ];
    let errors = Config::from_vars(wrong).unwrap_err();
    // The page shows other texts further down.
    assert_eq!(blocks("text")[0], format!("{errors}\n"));
}

#[test]
fn the_files_for_the_environments_are_read() {
    let files = blocks("env");
    assert_eq!(files.len(), 6);
    for file in files {
        let config = Config::from_vars(variables(file)).unwrap();
        let settings = config.settings();
        assert!(settings.environment_is_named);
        assert_eq!(settings.dsn.is_none(), settings.spotlight.is_some(), "{file}");
    }
    let compose = blocks("yaml").concat();
    let named = compose.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split_once('='));
    assert!(named.map(|(name, _)| name).all(|name| VARIABLES.iter().any(|variable| variable.name() == name)));
}

#[test]
fn the_health_report_has_these_keys_in_this_order() {
    let options = Config::for_environment("production").client_options();
    let client = std::sync::Arc::new(sentry_core::Client::with_options(options));
    let hub = std::sync::Arc::new(sentry_core::Hub::new(Some(client), std::sync::Arc::default()));
    let report = sentry_core::Hub::run(hub, || watchpost::health().to_json());
    // A value that is a number, a switch or a text of its own is left out of the comparison.
    let keys = |json: &str| -> Vec<String> {
        let quoted = json.split('"').skip(1).step_by(2).zip(json.split('"').skip(2).step_by(2));
        quoted.filter(|(_, after)| after.trim_start().starts_with(':')).map(|(key, _)| key.to_owned()).collect()
    };
    assert_eq!(keys(&report), keys(blocks("json")[0]));
}
