//! Which version runs, and how that is found out.

use std::borrow::Cow;
use std::fmt;

use super::problem::Refused;
use super::variable::unquoted;

/// The longest release that Sentry takes, in bytes.
const LONGEST: usize = 200;

pub(super) const ALLOWED: &str =
    "a release of at most 200 bytes without line break, / or \\, better package@version than a name like latest";

/// A platform's variable, and whether it holds a commit.
type Platform = (&'static str, bool);

/// What platforms say of the version that they run, in the order in which it is asked for.
pub static PLATFORM_VARIABLES: [Platform; 14] = [
    ("HEROKU_BUILD_COMMIT", true),
    ("HEROKU_SLUG_COMMIT", true),
    ("SOURCE_VERSION", true),
    ("CODEBUILD_RESOLVED_SOURCE_VERSION", true),
    ("CIRCLE_SHA1", true),
    ("GAE_DEPLOYMENT_ID", false),
    ("K_REVISION", false),
    ("CF_PAGES_COMMIT_SHA", true),
    ("RAILWAY_GIT_COMMIT_SHA", true),
    ("RENDER_GIT_COMMIT", true),
    ("VERCEL_GIT_COMMIT_SHA", true),
    ("GITHUB_SHA", true),
    ("CI_COMMIT_SHA", true),
    ("GIT_COMMIT_SHA", true),
];

/// Whether Sentry takes a release of this name.
pub(super) fn check(text: &str) -> Result<(), Refused> {
    unquoted(text)?;
    let outside = text.trim().is_empty()
        || text.len() > LONGEST
        || text.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'))
        || matches!(text, "." | "..");
    if outside {
        return Err(Refused::outside());
    }
    if text.eq_ignore_ascii_case("latest") {
        return Err(Refused::outside().because("Sentry refuses this name"));
    }
    Ok(())
}

/// What a program knows about its own version when it is compiled: made by [`release!`](crate::release!).
///
/// Its text is, in this order, the build's `SENTRY_RELEASE`; `package@commit` with the first seven digits of a commit
/// that the build's environment names; `package@version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    package: Option<&'static str>,
    version: Option<&'static str>,
    named: Option<&'static str>,
    commit: Option<&'static str>,
}

impl Release {
    /// Called by [`release!`](crate::release!): the first commit that is not empty counts.
    #[doc(hidden)]
    pub const fn __new(
        package: Option<&'static str>,
        version: Option<&'static str>,
        named: Option<&'static str>,
        commits: &[Option<&'static str>],
    ) -> Self {
        let mut commit = None;
        let mut at = 0;
        while at < commits.len() && commit.is_none() {
            commit = not_empty(commits[at]);
            at += 1;
        }
        Self { package: not_empty(package), version: not_empty(version), named: not_empty(named), commit }
    }

    /// The package's name, unless the compiler was not told it.
    pub const fn package(&self) -> Option<&'static str> {
        self.package
    }

    /// The release, if enough is known to say one that Sentry takes.
    pub fn name(&self) -> Option<String> {
        let named = self.named.map(|named| named.trim().to_owned());
        let commit = || self.commit.and_then(|commit| of_commit(self.package, commit));
        let version = || Some(format!("{}@{}", self.package?, self.version?));
        [named, commit(), version()].into_iter().flatten().find(|name| check(name).is_ok())
    }
}

const fn not_empty(text: Option<&'static str>) -> Option<&'static str> {
    match text {
        Some(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// The release's text; empty where the compiler was told neither package nor commit.
impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name().unwrap_or_default())
    }
}

impl From<Release> for Cow<'static, str> {
    fn from(release: Release) -> Self {
        Cow::Owned(release.to_string())
    }
}

impl From<Release> for String {
    fn from(release: Release) -> Self {
        release.to_string()
    }
}

/// What the platform says: `package@commit7`, the commit as it is where the package is not known.
pub(super) fn of_platform(package: Option<&str>, (_, is_commit): Platform, value: &str) -> Option<String> {
    if is_commit {
        return of_commit(package, value);
    }
    let name = package.map_or_else(|| value.to_owned(), |package| format!("{package}@{value}"));
    check(&name).is_ok().then_some(name)
}

fn of_commit(package: Option<&str>, commit: &str) -> Option<String> {
    let commit = commit.trim();
    let is_hash = commit.len() >= 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = match package {
        Some(package) if is_hash => format!("{package}@{}", &commit[..7]),
        Some(package) => format!("{package}@{commit}"),
        None => commit.to_owned(),
    };
    check(&name).is_ok().then_some(name)
}

/// The release of the crate that says it, from what is known when it is compiled.
///
/// In this order: the build's `SENTRY_RELEASE`; `package@commit7`, where the build's environment names a commit
/// (`GIT_COMMIT_SHA`, `GITHUB_SHA`, `CI_COMMIT_SHA`, `CIRCLE_SHA1`, `SOURCE_VERSION`, `RENDER_GIT_COMMIT`,
/// `RAILWAY_GIT_COMMIT_SHA`); `package@version`. A build script names the commit with one line, as
/// `cargo::rustc-env=GIT_COMMIT_SHA=..`.
///
/// [`init!`](crate::init!) and `#[watchpost::main]` pass it as what stands where neither code nor a variable says a
/// release. It goes where a release is wanted, too:
///
/// ```
/// let release = watchpost::release!();
/// assert!(release.to_string().starts_with(env!("CARGO_PKG_NAME")));
/// ```
#[macro_export]
macro_rules! release {
    () => {
        $crate::config::Release::__new(
            ::core::option_env!("CARGO_PKG_NAME"),
            ::core::option_env!("CARGO_PKG_VERSION"),
            ::core::option_env!("SENTRY_RELEASE"),
            &[
                ::core::option_env!("GIT_COMMIT_SHA"),
                ::core::option_env!("GITHUB_SHA"),
                ::core::option_env!("CI_COMMIT_SHA"),
                ::core::option_env!("CIRCLE_SHA1"),
                ::core::option_env!("SOURCE_VERSION"),
                ::core::option_env!("RENDER_GIT_COMMIT"),
                ::core::option_env!("RAILWAY_GIT_COMMIT_SHA"),
            ],
        )
    };
}
