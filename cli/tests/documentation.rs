//! `docs/cli.md`: every output in a `text` block is what the command prints. `WATCHPOST_OVERWRITE=1` writes them.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// Prints what a command line prints, errors included, as it is in the repository's root.
fn run(line: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_watchpost")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    for (name, _) in env::vars() {
        if name.starts_with("SENTRY_") || name.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // Progress is for those who wait, and a slow machine waits more.
    let quiet = format!("{{ {line} ; }} 2>&1 | grep -v '^still at: '");
    let output = command.args(["-c", &quiet]).env("PATH", path).current_dir(root).output().unwrap();
    steady(&String::from_utf8(output.stdout).unwrap())
}

/// Ids are different each time: `8f3a..` of any length is as many `0`s.
fn steady(text: &str) -> String {
    let is_id = |word: &str| {
        matches!(word.len(), 8 | 32)
            && word.chars().all(|letter| letter.is_ascii_hexdigit() && !letter.is_ascii_uppercase())
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_alphanumeric()) {
        let (before, word) = rest.split_at(start);
        let end = word.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        out.push_str(before);
        out.push_str(&if is_id(word) { "0".repeat(word.len()) } else { word.to_owned() });
        rest = after;
    }
    out + rest
}

#[test]
fn the_page_shows_what_the_commands_print() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let text = fs::read_to_string(&page).unwrap();
    let mut lines = text.lines();
    let (mut fresh, mut commands) = (String::new(), 0);
    while let Some(line) = lines.next() {
        fresh.push_str(line);
        fresh.push('\n');
        if line != "```text" {
            continue;
        }
        let command = lines.next().unwrap();
        commands += 1;
        fresh.push_str(command);
        fresh.push('\n');
        fresh.push_str(&run(command.strip_prefix("$ ").unwrap()));
        fresh.push_str("```\n");
        assert!(lines.any(|line| line == "```"), "{command}: the block has no end");
    }
    assert!(commands >= 9, "{commands}");
    if env::var_os("WATCHPOST_OVERWRITE").is_some() {
        fs::write(&page, fresh).unwrap();
    } else {
        let different = text.lines().zip(fresh.lines()).find(|(page, now)| page != now);
        assert!(text == fresh, "the page says and the command says: {different:#?}");
    }
}

#[test]
fn every_command_teaches_with_examples() {
    let help = run("watchpost --help");
    for command in ["validate", "test", "catalog", "alerts", "receive", "completions", "man"] {
        assert!(help.contains(&format!("  {command}")), "{help}");
        let help = run(&format!("watchpost {command} --help"));
        assert!(help.contains(&format!("Examples:\n  watchpost {command}")), "{help}");
    }
    // Without a command the help is shown, and nothing is done.
    assert!(run("watchpost").contains("Usage: watchpost <COMMAND>"));
}

#[test]
fn completions_and_manual_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&format!("watchpost completions {shell}"));
        assert!(["validate", "catalog", "check-type"].iter().all(|word| script.contains(word)), "{shell}");
    }
    let manual = run("watchpost man");
    assert!(
        manual.contains(".TH watchpost 1") && manual.contains("EXAMPLES") | manual.contains("Examples"),
        "{manual}"
    );
    let home = env!("CARGO_TARGET_TMPDIR");
    assert_eq!(run(&format!("watchpost man --directory {home}")), "");
    assert!(fs::read_to_string(format!("{home}/watchpost-validate.1")).unwrap().contains("env\\-file"));
}
