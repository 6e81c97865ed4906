//! `watchpost catalog` over a small program with everything that the reader has to know: modules in every form, other names,
//! conditions, blocks, tests that are left out.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use watchpost_cli::catalog::{Catalog, Derive};

const MANIFEST: &str = "[package]\nname = \"small-shop\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";

/// Writes the files of a package of its own.
fn package(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&home);
    for (file, text) in files.iter().copied().chain([("Cargo.toml", MANIFEST)]) {
        let file = home.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    home
}

fn watchpost(arguments: &[&str], home: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_watchpost")).arg("catalog").args(arguments).current_dir(home).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn modules_names_conditions_and_blocks_are_read_as_the_compiler_reads_them() {
    let home = package(
        "read",
        &[
            (
                "src/lib.rs",
                r#"
mod flat;
mod folder;
#[path = "elsewhere/named.rs"] mod given;
mod inline { pub mod deep; use watchpost::monitor_performance as measured; #[measured("renamed")] fn a() {} }
#[cfg(test)] mod tests { #[watchpost::monitor_performance] fn not_this() {} }
#[cfg_attr(feature = "monitoring", watchpost::monitor_performance("conditional", op = "business.x", slow = "1m 30s", metric, root))]
fn b() {}
fn outer() { #[watchpost::capture_errors(category = "inner", level = "warning")] fn inside() -> Result<(), ()> { Ok(()) } }
"#,
            ),
            ("src/flat.rs", "mod below;\n#[monitor_performance]\npub async fn r#loop() {}\n"),
            (
                "src/flat/below.rs",
                "#[watchpost::monitored_task(\"nightly\", cron = \"0 3 * * *\", max_attempts = 3, checkin_margin = \"5m\")] fn run() {}",
            ),
            (
                "src/folder/mod.rs",
                r#"
#[monitor_performance(op = "db.query", slow = "1s")]
#[capture_errors(category = "database")]
impl<'a> Store for Database<'a> {
    fn plain(&self) {}
    #[monitor_performance("own", slow = "2s")] fn fails(&self) -> io::Result<()> { Ok(()) }
    #[monitor_performance(skip)] fn left_out(&self) {}
}
trait Default { #[monitor_performance] fn given(&self) {} }
"#,
            ),
            (
                "src/elsewhere/named.rs",
                "#[derive(Debug, watchpost::SentryContext)] struct HTTPCallContext { a: u8 }\n#[derive(SentryContext)] #[context(name = \"x\")] struct Y;",
            ),
            (
                "src/inline/deep.rs",
                "#[derive(Classify)] enum E { #[classify(category = \"payment\", level = \"warning\")] A, #[classify(category = \"payment\")] B, #[classify(ignore)] C }\n#[cfg_attr(x, derive(SentryUser))] struct U;",
            ),
            (
                "src/main.rs",
                "fn main() { }\n#[watchpost::monitored_task(queue = \"mail\", report = \"every_attempt\")] fn send() {}",
            ),
        ],
    );
    let catalog = Catalog::of_source(&home).unwrap();
    let shown: Vec<String> = catalog
        .functions
        .iter()
        .map(|function| {
            let slow = function.slow_ms.map(|slow| format!(" {slow}")).unwrap_or_default();
            let category = function.category.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
            let kinds = function.kinds.join("+");
            format!(
                "{} {} [{}]{slow}{category} {kinds} {}:{}",
                function.path(),
                function.name,
                function.op,
                function.file,
                function.line
            )
        })
        .collect();
    let expected = [
        "small_shop::flat::loop loop [function] span src/flat.rs:3",
        "small_shop::flat::below::run nightly [task] 30000 task src/flat/below.rs:1",
        "small_shop::folder::Database::plain Database::plain [db.query] 1000 span src/folder/mod.rs:5",
        "small_shop::folder::Database::fails own [db.query] 2000 database span+errors src/folder/mod.rs:6",
        "small_shop::folder::given given [function] span src/folder/mod.rs:9",
        "small_shop::inline::a renamed [function] span src/lib.rs:5",
        "small_shop::b conditional [business.x] 90000 span+root+metric src/lib.rs:8",
        "small_shop::inside inside [function] inner errors src/lib.rs:9",
        "small_shop::send send [queue.process] 30000 task src/main.rs:2",
    ];
    assert_eq!(shown, expected);
    let (_, cron) = catalog.monitors().next().unwrap();
    assert_eq!((cron.slug.as_str(), cron.checkin_margin_minutes), ("nightly", Some(5)));
    let types: Vec<_> = catalog.types.iter().map(|one| (one.derive, one.name.as_str(), one.categories.len())).collect();
    let expected = [
        (Derive::Context, "http_call", 0),
        (Derive::Context, "x", 0),
        (Derive::Errors, "E", 1),
        (Derive::User, "U", 0),
    ];
    assert_eq!(types, expected);
    assert!(catalog.findings().is_empty(), "{:?}", catalog.findings());
}

#[test]
fn names_and_slugs_that_are_taken_twice_are_findings() {
    let source = r#"
#[watchpost::monitor_performance("same")] fn a() {}
#[watchpost::monitor_performance("same")] fn b() {}
#[watchpost::monitored_task("one", cron = "* * * * *", slug = "nightly")] fn c() {}
#[watchpost::monitored_task("two", cron = "* * * * *", slug = "nightly")] fn d() {}
#[cfg(unix)] #[watchpost::monitor_performance] fn here() {}
#[cfg(windows)] #[watchpost::monitor_performance] fn here() {}
#[watchpost::capture_errors] fn new() -> Result<(), ()> { Ok(()) }
mod other { #[watchpost::capture_errors] fn new() -> Result<(), ()> { Ok(()) } }
"#;
    let home = package("twice", &[("src/lib.rs", source)]);
    let output = watchpost(&[], &home);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("the span name `same` is taken 2 times"), "{text}");
    assert!(text.contains("the monitor slug `nightly` is taken 2 times"), "{text}");
    assert_eq!(text.matches("finding:").count(), 2, "{text}");
}

#[test]
fn a_review_sees_what_has_changed() {
    let home = package(
        "review",
        &[(
            "src/lib.rs",
            "#[watchpost::monitor_performance(slow = \"1s\")] fn a() {}\n#[watchpost::capture_errors] fn b() -> Result<(), ()> { Ok(()) }",
        )],
    );
    let output = watchpost(&["--format", "json"], &home);
    fs::write(home.join("old.json"), &output.stdout).unwrap();
    assert_eq!(text(&watchpost(&["--diff", "old.json"], &home)), "nothing has changed\n");
    fs::write(
        home.join("src/lib.rs"),
        "\n#[watchpost::monitor_performance(slow = \"2s\")] fn a() {}\n#[watchpost::monitored_task] fn c() {}",
    )
    .unwrap();
    let expected = "removed: function small_shop::b\nchanged: function small_shop::a: slow_ms was 1000, is 2000\n";
    let shown = text(&watchpost(&["--diff", "old.json"], &home));
    assert_eq!(shown, format!("added: function small_shop::c\n{expected}"));
    let output = watchpost(&["--diff", "old.json", "--format", "markdown"], &home);
    assert!(text(&output).starts_with("- added: "), "{}", text(&output));
}

#[test]
fn what_cannot_be_read_is_misuse_and_told_by_its_place() {
    let home = package("broken", &[("src/lib.rs", "fn a( {}")]);
    let output = watchpost(&[], &home);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("src/lib.rs:1:"), "{}", text(&output));
    assert_eq!(watchpost(&["--source", "/nowhere"], &home).status.code(), Some(2));
    let output = watchpost(&["/bin/true"], &home);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("feature `catalog`"), "{}", text(&output));
    assert_eq!(watchpost(&["--source", ".", "/bin/true"], &home).status.code(), Some(2));
}
