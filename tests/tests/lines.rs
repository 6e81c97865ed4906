//! The lines of an annotated body are those of the bare one: for a debugger, and for what counts the lines that run.
//!
//! A small crate is built with its attributes and without, and what the compiler writes down of each line is compared: the places of
//! the machine code (`--emit=llvm-ir`) and the ranges that are counted (`-C instrument-coverage`, `--emit=mir`).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The functions. What stands in `@..@` is an attribute of ours, on a line of its own.
const FUNCTIONS: &str = r#"
pub struct Refused;
pub struct Shop(pub u32);

@monitor_performance@
pub fn plain(a: u32) -> u32 {
    if a > 100 {
        return 7;
    }
    a.wrapping_add(1)
}

@monitor_performance(fields(a))@
@capture_errors(category = "shop")@
pub fn fails(a: u32, (b, _): (&str, u8)) -> Result<usize, Refused> {
    let mut sum = 0;
    for i in 0..a {
        if i == 2 {
            sum = b.len();
        }
    }
    let double = |n: usize| {
        n.wrapping_mul(2)
    };
    if sum > 100 {
        return Err(Refused);
    }
    Ok(double(sum))
}

@capture_errors@
impl Shop {
    pub fn sell(&mut self, n: u32) -> Result<u32, Refused> {
        self.0 = self.0.checked_sub(n)
            .ok_or(Refused)?;
        Ok(self.0)
    }
}

@monitored_task("remind", queue = "mail", id = a)@
pub async fn waits(a: u32) -> Result<u32, Refused> {
    std::future::ready(()).await;
    if a > 100 {
        return Err(Refused);
    }
    Ok(plain(a))
}

@capture_errors(late, fields(a))@
pub fn boxed(a: u32) -> std::pin::Pin<Box<dyn std::future::Future<Output = Result<u32, Refused>> + Send>> {
    let b = a ^ 3;
    Box::pin(async move {
        std::future::ready(()).await;
        Ok(b)
    })
}
"#;

/// Each shape under each stack. What stands in `@..@` are the attributes that may stand there, by their first letters.
const EACH: &str = r#"
pub struct Refused;
pub struct Shop(pub u32);

@mt@
pub fn plain(a: u32) -> Option<u32> {
    if a > 100 {
        return None;
    }
    a.checked_add(1)
}

@mct@
pub unsafe extern "C" fn fails(a: u32, (b, _): (u32, u8)) -> Result<u32, Refused> {
    let mut sum = 0;
    for i in 0..a {
        sum += i * b;
    }
    if sum > 100 {
        return Err(Refused);
    }
    Ok(sum)
}

@mt@
pub async fn waits_plain(a: u32) -> u32 {
    std::future::ready(()).await;
    a.wrapping_add(1)
}

@mct@
pub async fn waits(a: u32) -> Result<u32, Refused> {
    std::future::ready(()).await;
    let double = |n: u32| {
        n.wrapping_mul(2)
    };
    if a > 100 {
        return Err(Refused);
    }
    Ok(double(a))
}

@mct@
pub fn boxed(a: u32) -> std::pin::Pin<Box<dyn std::future::Future<Output = Result<u32, Refused>> + Send>> {
    let b = a ^ 3;
    Box::pin(async move {
        std::future::ready(()).await;
        Ok(b)
    })
}

@mct@
pub fn opaque(a: u32) -> impl std::future::Future<Output = Result<u32, Refused>> {
    let b = a ^ 3;
    async move {
        std::future::ready(()).await;
        Ok(b)
    }
}

@mc@
impl Shop {
    pub fn sell(&mut self, n: u32) -> Result<u32, Refused> {
        self.0 = self.0.checked_sub(n)
            .ok_or(Refused)?;
        Ok(self.0)
    }
    pub async fn wait(self) -> u32 {
        std::future::ready(()).await;
        self.0
    }
}
"#;

const STACKS: &[&str] = &["m", "c", "t", "mc", "cm", "mt", "tm", "ct", "tc", "mct", "mtc", "cmt", "ctm", "tmc", "tcm"];

/// The functions with our attributes, or with comments in their place.
fn source(annotated: bool) -> String {
    let mut all =
        marked(FUNCTIONS, |part| if annotated { format!("#[watchpost::{part}]") } else { "// none".to_owned() });
    for stack in STACKS {
        let attributes = |fit: &str| {
            let fitting = stack.chars().filter(|letter| annotated && fit.contains(*letter));
            let names = fitting.map(|letter| match letter {
                'm' => "#[watchpost::monitor_performance]",
                'c' => "#[watchpost::capture_errors]",
                _ => "#[watchpost::monitored_task]",
            });
            names.collect()
        };
        all.push_str(&format!("pub mod {stack} {{{}}}\n", marked(EACH, attributes)));
    }
    all
}

/// A text with something in the place of each of its marks.
fn marked(text: &str, replacement: impl Fn(&str) -> String) -> String {
    let parts = text.split('@').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { replacement(part) } else { part.to_owned() }).collect()
}

/// The lines between the braces of functions.
fn body_lines() -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    let mut inside = None;
    for (at, line) in source(false).lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        match inside {
            Some(outer) if line.trim() == "}" && indent == outer => inside = None,
            Some(_) => drop(lines.insert(at + 1)),
            None if line.contains("fn ") => inside = Some(indent),
            None => {}
        }
    }
    lines
}

/// What the compiler writes of the crate: the intermediate code for the machine, and its own.
fn written(folder: &Path, annotated: bool) -> (String, String) {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let manifest = format!(
        "[package]\nname = \"lines\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         watchpost = {{ path = {runtime:?}, default-features = false }}\n"
    );
    fs::create_dir_all(folder.join("src")).expect("a folder");
    fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    // The versions that the workspace has.
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"), folder.join("Cargo.lock"))
        .expect("a lock file");
    fs::write(folder.join("src/lib.rs"), source(annotated)).expect("a source file");
    let out = folder.join(if annotated { "annotated" } else { "bare" });
    let emit = |kind: &str| format!("--emit={kind}={}.{kind}", out.display());
    let status = Command::new(env!("CARGO"))
        .args(["rustc", "--quiet", "--offline", "--lib", "--"])
        .args([emit("mir"), emit("llvm-ir")])
        .args(["-Cinstrument-coverage", "-Ccodegen-units=1"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the crate builds, annotated: {annotated}");
    let read = |kind: &str| fs::read_to_string(format!("{}.{kind}", out.display())).expect("what was written");
    (read("llvm-ir"), read("mir"))
}

/// Lines and columns of the machine code that belongs to bodies.
fn places(ir: &str, bodies: &BTreeSet<usize>) -> BTreeSet<(usize, usize)> {
    let number = |text: &str, name: &str| {
        let text = text.split_once(name)?.1;
        text[..text.find(|c: char| !c.is_ascii_digit())?].parse::<usize>().ok()
    };
    ir.lines()
        .filter_map(|line| line.split_once("!DILocation("))
        .filter_map(|(_, place)| Some((number(place, "line: ")?, number(place, "column: ")?)))
        .filter(|(line, _)| bodies.contains(line))
        .collect()
}

/// The ranges in bodies that are counted.
fn counted(mir: &str, bodies: &BTreeSet<usize>) -> BTreeSet<String> {
    mir.lines()
        .filter(|line| line.trim_start().starts_with("coverage ") && line.contains("=>"))
        .filter_map(|line| Some(line.split_once("src/lib.rs:")?.1.trim_end_matches(';').to_owned()))
        .filter(|range| {
            range.split(':').next().and_then(|line| line.parse().ok()).is_some_and(|line| bodies.contains(&line))
        })
        .collect()
}

#[test]
fn bodies_have_the_lines_that_they_have_without_attributes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lines");
    let (bare, annotated) = (written(&folder, false), written(&folder, true));
    let bodies = body_lines();
    let places = [places(&bare.0, &bodies), places(&annotated.0, &bodies)];
    assert!(places[0].len() > 500, "machine code has places: {:?}", places[0]);
    assert_eq!(places[0].difference(&places[1]).collect::<Vec<_>>(), Vec::<&(usize, usize)>::new());
    let counted = [counted(&bare.1, &bodies), counted(&annotated.1, &bodies)];
    assert!(counted[0].len() > 300, "ranges are counted: {:?}", counted[0]);
    assert_eq!(counted[0], counted[1]);
}
