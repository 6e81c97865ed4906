//! The table, the order of the sources, and the words of the messages.

use super::{Config, ConfigErrors, Environment, PLATFORM_VARIABLES, Release, Settings, Source, VARIABLES};

fn settings(variables: &[(&str, &str)]) -> Settings {
    Config::from_vars(variables.iter().copied()).unwrap().settings()
}

fn errors(variables: &[(&str, &str)]) -> ConfigErrors {
    Config::from_vars(variables.iter().copied()).unwrap_err()
}

/// The numbers of the guide, written down a second time so that no one changes the table by accident.
#[test]
fn presets_hold_the_guides_numbers() {
    let numbers = |s: &Settings| (s.sample_rate, s.traces_sample_rate, s.profiles_sample_rate);
    let switches = |s: &Settings| (s.debug, s.send_default_pii, s.attach_stacktrace, s.include_local_variables);
    for (name, rates, flags) in [
        ("development", (1.0, 1.0, 1.0), (true, false, true, true)),
        ("staging", (1.0, 0.5, 0.2), (false, false, true, true)),
        ("production", (0.8, 0.05, 0.02), (false, false, true, false)),
        ("canary", (1.0, 0.1, 0.1), (false, false, true, true)),
    ] {
        for settings in [settings(&[("SENTRY_ENVIRONMENT", name)]), Config::for_environment(name).settings()] {
            assert_eq!(settings.environment.as_str(), name);
            assert!(settings.environment_is_named);
            assert_eq!(numbers(&settings), rates, "{name}");
            assert_eq!(switches(&settings), flags, "{name}");
            assert_eq!(settings.max_breadcrumbs, 100);
            assert_eq!(settings.spotlight, None);
        }
    }
}

#[test]
fn without_a_name_the_tag_is_development_and_the_defaults_stand() {
    let settings = settings(&[]);
    assert_eq!(settings.environment, Environment::Development);
    assert!(!settings.environment_is_named);
    assert_eq!(settings.traces_sample_rate, 0.1);
    assert!(!settings.debug);
    assert!(settings.dsn.is_none());
}

#[test]
fn environments_are_told_in_any_case() {
    for name in ["PRODUCTION", "Production", " production "] {
        let settings = settings(&[("SENTRY_ENVIRONMENT", name)]);
        assert_eq!(settings.environment, Environment::Production);
        assert_eq!(settings.sample_rate, 0.8);
    }
}

#[test]
fn every_text_of_the_table_is_read_as_it_is_written() {
    for variable in &VARIABLES {
        for environment in [Environment::Development, Environment::Staging, Environment::Production] {
            let Some(text) = variable.preset(&environment) else { continue };
            let shown = Config::for_environment(environment).sources().find(|(of, ..)| of.name() == variable.name());
            let (_, value, source) = shown.unwrap();
            assert_eq!((value.as_str(), source), (text, Source::Preset), "{}", variable.name());
        }
        if !variable.default_value().is_empty() {
            let config = Config::from_vars([("", ""); 0]).unwrap();
            let (_, value, source) = config.sources().find(|(of, ..)| of.name() == variable.name()).unwrap();
            assert_eq!((value.as_str(), source), (variable.default_value(), Source::Default), "{}", variable.name());
        }
    }
}

#[test]
fn code_then_variable_then_preset_then_default() {
    let with = |variables: &[(&str, &str)]| Config::from_vars(variables.iter().copied()).unwrap();
    let rate = |config: Config| {
        let (_, _, source) = config.sources().find(|(of, ..)| of.name() == "SENTRY_TRACES_SAMPLE_RATE").unwrap();
        (config.settings().traces_sample_rate, source)
    };
    let named = ("SENTRY_ENVIRONMENT", "production");
    let said = ("SENTRY_TRACES_SAMPLE_RATE", "0.3");
    assert_eq!(rate(with(&[])), (0.1, Source::Default));
    assert_eq!(rate(with(&[named])), (0.05, Source::Preset));
    assert_eq!(rate(with(&[named, said])), (0.3, Source::Variable));
    assert_eq!(rate(with(&[named, said]).traces_sample_rate(0.4)), (0.4, Source::Code));
    assert_eq!(rate(with(&[said]).environment("production")), (0.3, Source::Variable));
    assert_eq!(rate(with(&[]).environment("production")), (0.05, Source::Preset));
    assert_eq!(rate(with(&[named]).environment("canary")), (0.1, Source::Default));
}

#[test]
fn an_empty_variable_is_unset() {
    let names = VARIABLES.iter().map(super::Variable::name).chain(["SENTRY_DNS"]);
    let empty: Vec<(&str, &str)> = names.flat_map(|name| [(name, ""), (name, "  \t")]).collect();
    assert_eq!(format!("{:?}", settings(&empty)), format!("{:?}", settings(&[])));
}

#[test]
fn booleans() {
    for (words, on) in [(["true", "t", "yes", "y", "on", "1"], true), (["false", "f", "no", "n", "off", "0"], false)] {
        for word in words.into_iter().flat_map(|word| [word.to_owned(), word.to_uppercase()]) {
            assert_eq!(settings(&[("SENTRY_ATTACH_STACKTRACE", &word)]).attach_stacktrace, on, "{word}");
        }
    }
    for word in ["maybe", "2", "-1", "tru", "true false", "\"true\""] {
        errors(&[("SENTRY_DEBUG", word)]);
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let errors = errors(&[
        ("SENTRY_DSN", "https://secretkey@/42"),
        ("SENTRY_ENVIRONMENT", "prod"),
        ("SENTRY_RELEASE", "shop/1.0"),
        ("SENTRY_SAMPLE_RATE", "80%"),
        ("SENTRY_TRACES_SAMPLE_RATE", "1.5"),
        ("SENTRY_PROFILES_SAMPLE_RATE", "NaN"),
        ("SENTRY_DEBUG", "maybe"),
        ("SENTRY_MAX_BREADCRUMBS", "-1"),
        ("SENTRY_SPOTLIGHT", "localhost:8969"),
        ("SENTRY_TRACE_SAMPLE_RATE", "1"),
        ("SENTRY_ORG", "someone else's"),
    ]);
    let told: Vec<String> = errors.problems().iter().map(ToString::to_string).collect();
    let expected = [
        "SENTRY_DEBUG=\"maybe\": must be true, t, yes, y, on, 1, false, f, no, n, off or 0",
        "SENTRY_DSN=\"https://***@/42\": must be a DSN as the project's settings show it, https://KEY@HOST/PROJECT; \
         this has not the form of a URL",
        "SENTRY_ENVIRONMENT=\"prod\": must be development, staging, production or another name of at most 64 bytes \
         without white space, / or \\; did you mean `production`?",
        "SENTRY_MAX_BREADCRUMBS=\"-1\": must be a whole number from 0 to 10000",
        "SENTRY_PROFILES_SAMPLE_RATE=\"NaN\": must be a number from 0.0 to 1.0",
        "SENTRY_RELEASE=\"shop/1.0\": must be a release of at most 200 bytes without line break, / or \\, better \
         package@version than a name like latest",
        "SENTRY_SAMPLE_RATE=\"80%\": must be a number from 0.0 to 1.0; did you mean `0.8`?",
        "SENTRY_SPOTLIGHT=\"localhost:8969\": must be a boolean, or the URL of a Spotlight, http://HOST:PORT/stream",
        "SENTRY_TRACES_SAMPLE_RATE=\"1.5\": must be a number from 0.0 to 1.0",
        "SENTRY_TRACE_SAMPLE_RATE=\"1\": is no variable that anything here reads; did you mean \
         `SENTRY_TRACES_SAMPLE_RATE`?",
    ];
    assert_eq!(told, expected);
}

#[test]
fn abbreviations_of_environments_are_asked_back() {
    for (short, long) in [("prod", "production"), ("PROD", "production"), ("stage", "staging"), ("dev", "development")]
    {
        let errors = errors(&[("SENTRY_ENVIRONMENT", short)]);
        assert_eq!(errors.problems()[0].suggestion(), Some(long));
        // Code that says so means it.
        let config = Config::for_environment(Environment::Other(short.to_owned()));
        config.check().unwrap();
        assert_eq!(config.settings().environment.as_str(), short);
    }
}

#[test]
fn the_limits_of_sentry_hold() {
    let long = |length: usize| "x".repeat(length);
    for bad in [long(65), "a b".into(), "a/b".into(), "a\\b".into(), "a\nb".into(), "None".into(), "'x'".into()] {
        errors(&[("SENTRY_ENVIRONMENT", &bad)]);
        Config::for_environment(Environment::Other(bad)).check().unwrap_err();
    }
    assert_eq!(settings(&[("SENTRY_ENVIRONMENT", &long(64))]).environment, Environment::Other(long(64)));
    for bad in [long(201), "a/b".into(), "a\\b".into(), "a\nb".into(), "..".into(), "Latest".into(), "\"1.0\"".into()] {
        errors(&[("SENTRY_RELEASE", &bad)]);
        Config::from_vars([("", ""); 0]).unwrap().release(bad).check().unwrap_err();
    }
    // A number stays the text that it is.
    assert_eq!(settings(&[("SENTRY_RELEASE", "1.10")]).release.as_deref(), Some("1.10"));
    assert_eq!(settings(&[("SENTRY_RELEASE", &long(200))]).release, Some(long(200)));
}

#[test]
fn what_code_sets_wrongly_is_a_problem_and_leaves_the_rest_standing() {
    let config = Config::from_vars([("SENTRY_SAMPLE_RATE", "0.5")]).unwrap();
    let config = config.sample_rate(f32::NAN).traces_sample_rate(1.5).dsn("https://hunter2@").max_breadcrumbs(20_000);
    let errors = config.check().unwrap_err();
    let variables: Vec<&str> = errors.problems().iter().map(super::Problem::variable).collect();
    assert_eq!(variables, ["SENTRY_SAMPLE_RATE", "SENTRY_TRACES_SAMPLE_RATE", "SENTRY_DSN", "SENTRY_MAX_BREADCRUMBS"]);
    assert!(errors.problems().iter().all(super::Problem::is_in_code));
    assert!(!errors.to_string().contains("hunter2"), "{errors}");
    assert_eq!(config.settings().sample_rate, 0.5);
    // Said again, and rightly.
    config.sample_rate(1.0).traces_sample_rate(0.0).dsn("https://k@h/1").max_breadcrumbs(0).check().unwrap();
}

#[test]
fn no_secret_is_shown() {
    let secret = "deadbeefdeadbeef";
    for dsn in [
        format!("https://{secret}@sentry.example.com/42"),
        format!("https://{secret}:{secret}@sentry.example.com/42"),
        format!("http://{secret}@127.0.0.1:9000/path/42"),
    ] {
        let config = Config::from_vars([("SENTRY_DSN", &*dsn)]).unwrap();
        let config = config.spotlight(&*format!("http://{secret}@localhost:8969/stream?key={secret}"));
        config.check().unwrap();
        for shown in
            [format!("{config:?}"), format!("{config:#?}"), config.to_string(), format!("{:?}", config.settings())]
        {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(config.to_string().contains("SENTRY_DSN=http"), "{config}");
    }
    for broken in [
        secret.to_owned(),
        format!("https://{secret}/42"),
        format!("https://{secret}@"),
        format!("{secret}@sentry.example.com/42"),
        format!("\"https://{secret}@sentry.example.com/42\""),
        format!("https://{secret}@sentry.example.com"),
        format!("ftp://{secret}@sentry.example.com/42"),
    ] {
        for name in ["SENTRY_DSN", "SENTRY_DNS"] {
            let errors = errors(&[(name, &broken)]);
            assert!(!format!("{errors} {errors:?}").contains(secret), "{errors}");
        }
    }
}

#[test]
fn the_release_is_detected_in_order() {
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
    let built = Release::__new(Some("shop"), Some("1.2.3"), None, &[]);
    let release = |variables: &[(&str, &str)], built: Option<Release>| {
        let config = Config::from_vars(variables.iter().copied()).unwrap();
        let config = built.into_iter().fold(config, Config::default_release);
        let source = config.sources().find(|(of, ..)| of.name() == "SENTRY_RELEASE").map(|(.., source)| source);
        (config.settings().release.unwrap_or_default(), source)
    };
    assert_eq!(release(&[], None), (String::new(), None));
    assert_eq!(release(&[], Some(built)), ("shop@1.2.3".into(), Some(Source::Build)));
    let named = Release::__new(Some("shop"), Some("1.2.3"), Some("shop@built"), &[Some(COMMIT)]);
    assert_eq!(release(&[], Some(named)), ("shop@built".into(), Some(Source::Build)));
    let commit = Release::__new(Some("shop"), Some("1.2.3"), None, &[None, Some(""), Some(COMMIT)]);
    assert_eq!(release(&[], Some(commit)), ("shop@0123456".into(), Some(Source::Build)));
    // Each platform by itself, then each against all that follow it.
    for at in 0..PLATFORM_VARIABLES.len() {
        let (name, is_commit) = PLATFORM_VARIABLES[at];
        let value = if is_commit { COMMIT } else { "shop-00042-abc" };
        let expected = if is_commit { "shop@0123456" } else { "shop@shop-00042-abc" };
        let mut variables = vec![(name, value)];
        variables.extend(PLATFORM_VARIABLES[at + 1..].iter().map(|(later, _)| (*later, "later")));
        let (found, source) = release(&variables, Some(built));
        assert_eq!((found.as_str(), source), (expected, Some(Source::Platform(name))));
        assert_eq!(release(&variables, None).0, value);
        variables.push(("SENTRY_RELEASE", "shop@1.0.0"));
        assert_eq!(release(&variables, Some(built)), ("shop@1.0.0".into(), Some(Source::Variable)));
    }
    // What a platform says that Sentry would not take is passed on to the next.
    let variables = [("SOURCE_VERSION", "refs/heads/main"), ("GITHUB_SHA", COMMIT)];
    assert_eq!(release(&variables, Some(built)).0, "shop@0123456");
}

#[test]
fn spotlight_is_a_boolean_or_a_place() {
    let place = |text: &str| settings(&[("SENTRY_SPOTLIGHT", text)]).spotlight;
    assert_eq!(place("1").as_deref(), Some("http://localhost:8969/stream"));
    assert_eq!(place("off"), None);
    assert_eq!(place("http://127.0.0.1:9/stream").as_deref(), Some("http://127.0.0.1:9/stream"));
    assert_eq!(place("http://[::1]:8969/stream").as_deref(), Some("http://[::1]:8969/stream"));
    for bad in ["localhost", "ftp://x", "http://", "http://:80", "http://h:99999/", "http://a b/", "http://h:x"] {
        errors(&[("SENTRY_SPOTLIGHT", bad)]);
    }
}
