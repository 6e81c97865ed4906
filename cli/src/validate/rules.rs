//! The rules that need no network: each a sentence of the guide, or of what Sentry keeps.

use watchpost::ConfigErrors;
use watchpost::config::VARIABLES;

use super::Aspect::{Config, Deployment, Integration, Performance, Security};
use super::Outcome::{Error, Note, Pass, Skipped, Warning};
use super::{Aspect, Check, Outcome, Subject};

/// The most of all transactions that the guide lets production send.
const PRODUCTION_TRACES: f32 = 0.05;
/// Names that say nothing of what was deployed.
const VAGUE_RELEASES: [&str; 10] =
    ["latest", "dev", "development", "unknown", "main", "master", "head", "none", "production", "release"];

fn rule(aspect: Aspect, name: &str, broken: Outcome, holds: bool, finding: String) -> Check {
    Check::new(aspect, name, if holds { Pass } else { broken }, finding)
}

/// Every variable, and what they say together.
pub(super) fn config(subject: &Subject) -> Vec<Check> {
    let settings = subject.settings();
    let mut checks = Vec::new();
    for problem in subject.problems().into_iter().flat_map(ConfigErrors::problems) {
        let meant = problem.suggestion().map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        checks.push(
            Check::new(Config, problem.variable(), Error, format!("{} cannot be used{meant}", problem.value()))
                .why("a program that calls `init` gets this error and is not monitored")
                .change(match (problem.allowed(), problem.suggestion()) {
                    ("", Some(meant)) => format!("rename it to {meant}"),
                    ("", None) => format!("remove {}", problem.variable()),
                    (allowed, _) => format!("set {} to {allowed}", problem.variable()),
                }),
        );
    }
    for (variable, value, source) in subject.config().into_iter().flat_map(watchpost::Config::sources) {
        checks.push(Check::new(Config, variable.name(), Pass, format!("{value} ({source})")));
    }
    if settings.dsn.is_none() && !checks.iter().any(|check| check.name == "SENTRY_DSN") {
        let outcome = if subject.is_development() { Note } else { Error };
        checks.push(
            Check::new(Config, "SENTRY_DSN", outcome, "not set")
                .why("without a DSN nothing is sent anywhere")
                .change("set SENTRY_DSN to the client key of the project (Settings > Projects > Client Keys)"),
        );
    }
    if settings.environment_is_named {
        let same = settings.environment == *subject.environment();
        checks.push(
            rule(Config, "environment", Error, same, format!("{}", settings.environment))
                .why("events are filed, filtered and alerted on by environment")
                .change(format!("set SENTRY_ENVIRONMENT={}", subject.environment())),
        );
    } else if subject.problem("SENTRY_ENVIRONMENT").is_none() {
        let outcome = if subject.is_development() && !subject.asked() { Warning } else { Error };
        checks.push(
            Check::new(Config, "environment", outcome, "not named: events are filed under `development`")
                .why("events are filed, filtered and alerted on by environment, and presets apply only to a named one")
                .change(format!("set SENTRY_ENVIRONMENT={}", subject.environment())),
        );
    }
    checks.push(
        Check::new(
            Config,
            "profiling",
            Note,
            format!("SENTRY_PROFILES_SAMPLE_RATE is {}", settings.profiles_sample_rate),
        )
        .why("the Rust SDK has no profiler: the rate is accepted for compatibility, no profile is sent"),
    );
    checks
}

/// What must not leave, and what must not be read on its way.
pub(super) fn security(subject: &Subject) -> Vec<Check> {
    let settings = subject.settings();
    let production = subject.is_production();
    let strict = if production { Error } else { Note };
    let mut checks = Vec::new();
    match &settings.dsn {
        Some(dsn) => {
            let scheme = dsn.scheme().to_string();
            let local = matches!(dsn.host(), "localhost" | "127.0.0.1" | "[::1]" | "::1");
            let outcome = if subject.is_development() { Note } else { Error };
            checks.push(
                rule(
                    Security,
                    "https",
                    outcome,
                    scheme == "https" || (local && !production),
                    format!("the DSN is {scheme}"),
                )
                .why("over plain HTTP everyone on the way reads the events and the key")
                .change("use the https form of the DSN"),
            );
            let secret = dsn.secret_key().is_some();
            checks.push(
                rule(
                    Security,
                    "secret key",
                    Warning,
                    !secret,
                    said(secret, "the DSN holds a secret key", "the DSN holds no secret key"),
                )
                .why("secret keys in DSNs are long deprecated, and nothing needs them")
                .change("use the DSN as the project's settings show it now, without `:secret`"),
            );
        }
        None => checks.push(Check::new(Security, "https", Skipped, "no DSN")),
    }
    checks.push(
        rule(
            Security,
            "personal data",
            strict,
            !settings.send_default_pii,
            on_off("SENTRY_SEND_DEFAULT_PII", settings.send_default_pii),
        )
        .why("e-mail addresses, user names and client addresses of users leave unmasked")
        .change("set SENTRY_SEND_DEFAULT_PII=false"),
    );
    checks.push(
        rule(
            Security,
            "local variables",
            strict,
            !settings.include_local_variables,
            on_off("SENTRY_INCLUDE_LOCAL_VARIABLES", settings.include_local_variables),
        )
        .why("the arguments that `args(..)` names leave with each error")
        .change("set SENTRY_INCLUDE_LOCAL_VARIABLES=false"),
    );
    checks.push(
        rule(Security, "debug output", strict, !settings.debug, on_off("SENTRY_DEBUG", settings.debug))
            .why("debug output writes what is sent into the program's log")
            .change("set SENTRY_DEBUG=false"),
    );
    let local = settings.spotlight.is_some();
    checks.push(
        rule(
            Security,
            "local copies",
            if production { Warning } else { Note },
            !local,
            on_off("SENTRY_SPOTLIGHT", local),
        )
        .why("a copy of everything that is sent goes to whoever listens there")
        .change("leave SENTRY_SPOTLIGHT out"),
    );
    let planted = "card 4111 1111 1111 1111, password=hunter2, Bearer abcdefghijklmnop0123456789";
    let cleaned = watchpost::redact::Redactor::default().text(planted).into_owned();
    let clean = ["4111 1111", "hunter2", "abcdefghijklmnop"].iter().all(|secret| !cleaned.contains(secret));
    checks.push(
        rule(
            Security,
            "redaction",
            Error,
            clean,
            format!("a planted card number, password and token became {cleaned:?}"),
        )
        .why("everything that leaves passes the redactor"),
    );
    checks
}

/// What it costs.
pub(super) fn performance(subject: &Subject) -> Vec<Check> {
    let settings = subject.settings();
    let production = subject.is_production();
    let (errors, traces) = (settings.sample_rate, settings.traces_sample_rate);
    vec![
        rule(
            Performance,
            "error rate",
            Warning,
            !production || errors < 1.0,
            format!("SENTRY_SAMPLE_RATE is {errors}"),
        )
        .why("one broken dependency can use up the quota of a month; the storm guard stops repetitions, not variety")
        .change("set SENTRY_SAMPLE_RATE=0.8"),
        rule(Performance, "errors at all", Error, errors > 0.0, format!("SENTRY_SAMPLE_RATE is {errors}"))
            .why("at 0 no error is ever reported")
            .change("set SENTRY_SAMPLE_RATE to more than 0"),
        rule(
            Performance,
            "trace rate",
            Warning,
            !production || traces <= PRODUCTION_TRACES,
            format!("SENTRY_TRACES_SAMPLE_RATE is {traces}"),
        )
        .why("transactions are most of the quota and of the cost; some in a hundred show the same picture")
        .change(format!("set SENTRY_TRACES_SAMPLE_RATE={PRODUCTION_TRACES} or less")),
        rule(Performance, "traces at all", Note, traces > 0.0, format!("SENTRY_TRACES_SAMPLE_RATE is {traces}"))
            .why("at 0 there is no performance data"),
        rule(
            Performance,
            "breadcrumbs",
            Warning,
            settings.max_breadcrumbs <= 200,
            format!("SENTRY_MAX_BREADCRUMBS is {}", settings.max_breadcrumbs),
        )
        .why("they are copied with every event, and Sentry cuts long lists")
        .change("set SENTRY_MAX_BREADCRUMBS=100"),
    ]
}

/// A client with this configuration.
pub(super) fn integration(subject: &Subject) -> Vec<Check> {
    match super::connection::through_a_receiver(subject) {
        Some(check) => vec![check],
        None => vec![
            Check::new(Integration, "client", Skipped, "the configuration has errors")
                .change("mend what `config` found, then check again"),
        ],
    }
}

/// What tells one release from another.
pub(super) fn deployment(subject: &Subject) -> Vec<Check> {
    let settings = subject.settings();
    let outcome = if subject.is_development() { Note } else { Error };
    let why = "without a release no regression can be told, and no deployment blamed";
    let change = "set SENTRY_RELEASE=\"name@1.2.3\" or SENTRY_RELEASE=\"name@$(git rev-parse --short HEAD)\"";
    let refused = subject.problem("SENTRY_RELEASE").map(|problem| format!("{} cannot be used", problem.value()));
    let release = match &settings.release {
        None if refused.is_some() => Check::new(Deployment, "release", Error, refused.unwrap_or_default()),
        None => Check::new(Deployment, "release", outcome, "none, unless the program passes `watchpost::release!()`"),
        Some(release) => rule(Deployment, "release", outcome, !is_vague(release), release.clone()),
    };
    let defaults = VARIABLES.iter().filter(|variable| variable.preset(subject.environment()).is_some()).count();
    let preset = if defaults > 0 { format!("{defaults} variables have a preset here") } else { "no preset".to_owned() };
    vec![
        release.why(why).change(change),
        Check::new(Deployment, "preset", Note, format!("{}: {preset}", subject.environment()))
            .why("what is not set comes from the preset of the named environment, then from the default"),
    ]
}

/// Whether a release says nothing: a moving name, alone or behind the `@`.
fn is_vague(release: &str) -> bool {
    let version = release.rsplit('@').next().unwrap_or(release).to_ascii_lowercase();
    version.is_empty() || VAGUE_RELEASES.contains(&version.as_str())
}

fn said(yes: bool, is: &str, is_not: &str) -> String {
    if yes { is.to_owned() } else { is_not.to_owned() }
}

fn on_off(variable: &str, on: bool) -> String {
    format!("{variable} is {}", if on { "on" } else { "off" })
}
