//! What the attributes cost a build: time per annotated function, machine code per annotated function, and the macro
//! crate's own clean build, beside the peers'.
//!
//! ```console
//! $ cargo run -p watchpost-tests --bin macro_cost                        # all: some twenty minutes
//! $ cargo run -p watchpost-tests --bin macro_cost -- capture_errors      # the rows that have this in their names
//! $ cargo run -p watchpost-tests --bin macro_cost -- clean               # the macro crate's own build
//! ```
//! Generates small crates below `target/macro-cost`, builds each with 200 and with 1000 functions, and takes the slope,
//! so that what a build costs anyway cancels out. Each build is the cheapest of three (a clean one of five), by the
//! processor's time where the system tells it (Linux), so that a busy machine disturbs little; else by the clock.
//! Needs `size` (binutils), as comes with a C compiler.
//! Times are only good as ratios within one run. What a row is held against is measured with it, whatever is chosen.

#![expect(clippy::print_stdout, reason = "a command tells what it found")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs};

const FEW: u32 = 200;
const MANY: u32 = 1000;

/// One way to annotate a function.
struct Peer {
    name: &'static str,
    attribute: &'static str,
    dependency: &'static str,
}

/// What is annotated.
#[derive(Clone, Copy)]
struct Shape {
    name: &'static str,
    keyword: &'static str,
}

const SHAPES: [Shape; 2] = [Shape { name: "fn", keyword: "" }, Shape { name: "async", keyword: "async " }];

/// The bare function, what ratios are to, and the others.
fn peers() -> [Peer; 6] {
    let ours =
        concat!("watchpost = { path = \"", env!("CARGO_MANIFEST_DIR"), "/../runtime\", default-features = false }");
    let peer = |name, attribute, dependency| Peer { name, attribute, dependency };
    [
        peer("none", "", ""),
        peer("tracing instrument(skip_all, err)", "#[tracing::instrument(skip_all, err)]", "tracing = \"0.1\""),
        peer("fastrace trace", "#[fastrace::trace]", "fastrace = { version = \"0.7\", features = [\"enable\"] }"),
        peer("monitor_performance", "#[watchpost::monitor_performance]", ours),
        peer("capture_errors", "#[watchpost::capture_errors(category = \"c\")]", ours),
        peer("both", "#[watchpost::monitor_performance] #[watchpost::capture_errors]", ours),
    ]
}

/// What one way costs.
struct Cost {
    build: f64,
    text: f64,
}

fn main() -> ExitCode {
    match table(&Chosen(env::args().skip(1).collect())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("macro_cost: {problem}");
            ExitCode::from(1)
        }
    }
}

/// Parts of the names of what is to be measured; all of it where there are none.
struct Chosen(Vec<String>);

impl Chosen {
    fn has(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|part| name.contains(part.as_str()))
    }
}

fn table(chosen: &Chosen) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/macro-cost");
    fs::create_dir_all(&folder).map_err(|err| err.to_string())?;
    let folder = folder.canonicalize().map_err(|err| err.to_string())?;
    let mut any = false;
    for shape in SHAPES {
        any |= rows(&folder, chosen, shape)?;
    }
    if any {
        println!("per annotated function, less the bare one; ratios to `tracing instrument(skip_all, err)`");
        println!("goal: build <= 0.2x, text <= 0.5x\n");
    }
    if chosen.has("clean build") { clean_builds(&folder) } else { Ok(()) }
}

/// The rows of one shape that are chosen; whether there are any.
fn rows(folder: &Path, chosen: &Chosen, shape: Shape) -> Result<bool, String> {
    let name = |peer: &Peer| format!("{}: {}", shape.name, peer.name);
    let [bare, tracing, others @ ..] = peers();
    let others: Vec<_> = others.into_iter().filter(|peer| chosen.has(&name(peer))).collect();
    if others.is_empty() {
        return Ok(false);
    }
    println!("{:<44} {:>10} {:>8} {:>10} {:>8}", "attribute", "build ms", "ratio", "text B", "ratio");
    let bare = measure(folder, &bare, shape)?;
    let mut base = None;
    for peer in std::iter::once(tracing).chain(others) {
        let own = per_function(&measure(folder, &peer, shape)?, &bare);
        let base = base.get_or_insert(own);
        let (build, text) = (own.0 / base.0, own.1 / base.1);
        println!("{:<44} {:>10.3} {build:>7.2}x {:>10.0} {text:>7.2}x", name(&peer), own.0, own.1);
    }
    println!();
    Ok(true)
}

fn clean_builds(folder: &Path) -> Result<(), String> {
    println!("{:<44} {:>10}", "clean build of the macro crate", "seconds");
    let theirs = write_crate(folder, "clean-tracing-attributes", "tracing-attributes = \"0.1\"", "")?;
    let ours = concat!("watchpost-macros = { path = \"", env!("CARGO_MANIFEST_DIR"), "/../macros\" }");
    let ours = write_crate(folder, "clean-watchpost-macros", ours, "")?;
    // By turns, so that both see the machine as it is.
    let (mut tracing, mut watchpost) = (f64::MAX, f64::MAX);
    for _ in 0..5 {
        tracing = tracing.min(clean_build(&theirs)?);
        watchpost = watchpost.min(clean_build(&ours)?);
    }
    println!("{:<44} {tracing:>10.2}\n{:<44} {watchpost:>10.2}", "tracing-attributes", "watchpost-macros");
    println!("ratio {:.2}x, goal <= 1.0x", watchpost / tracing);
    Ok(())
}

fn per_function(cost: &Cost, bare: &Cost) -> (f64, f64) {
    let functions = f64::from(MANY - FEW);
    ((cost.build - bare.build) * 1000.0 / functions, (cost.text - bare.text) / functions)
}

fn measure(folder: &Path, peer: &Peer, shape: Shape) -> Result<Cost, String> {
    let few = build(folder, peer, shape, FEW)?;
    let many = build(folder, peer, shape, MANY)?;
    Ok(Cost { build: many.build - few.build, text: many.text - few.text })
}

fn build(folder: &Path, peer: &Peer, shape: Shape, functions: u32) -> Result<Cost, String> {
    let path = write_crate(folder, "cost", peer.dependency, &source(peer.attribute, shape, functions))?;
    cargo(&path, &["build", "--quiet"])?;
    let mut cheapest = f64::MAX;
    for _ in 0..3 {
        touch(&path)?;
        let watch = Watch::start();
        cargo(&path, &["build", "--quiet"])?;
        cheapest = cheapest.min(watch.seconds());
    }
    cargo(&path, &["rustc", "--quiet", "--release", "--", "-Ccodegen-units=1", "--emit=obj"])?;
    Ok(Cost { build: cheapest, text: text_size(&path)? })
}

fn source(attribute: &str, shape: Shape, functions: u32) -> String {
    let mut text = String::from(
        "#[derive(Debug)] pub struct Refused;\n\
         impl std::fmt::Display for Refused { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(\"refused\") } }\n\
         impl std::error::Error for Refused {}\n",
    );
    let keyword = shape.keyword;
    for n in 0..functions {
        let _ = writeln!(
            text,
            "{attribute}\n#[inline(never)]\npub {keyword}fn f{n}(a: u64, b: u64) -> Result<u64, Refused> {{ if a > b + {n} {{ return Err(Refused); }} Ok(a + b + {n}) }}"
        );
    }
    if !keyword.is_empty() {
        // A future that nobody polls has no code; a boxed one has.
        text.push_str("type Polled = std::pin::Pin<Box<dyn Future<Output = Result<u64, Refused>>>>;\n");
        for n in 0..functions {
            let _ = writeln!(text, "pub fn p{n}(a: u64, b: u64) -> Polled {{ Box::pin(f{n}(a, b)) }}");
        }
    }
    text
}

fn write_crate(folder: &Path, name: &str, dependency: &str, source: &str) -> Result<PathBuf, String> {
    let path = folder.join(name);
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{dependency}\n"
    );
    fs::create_dir_all(path.join("src")).map_err(|err| err.to_string())?;
    fs::write(path.join("Cargo.toml"), manifest).map_err(|err| err.to_string())?;
    fs::write(path.join("src/lib.rs"), source).map_err(|err| err.to_string())?;
    Ok(path)
}

fn touch(path: &Path) -> Result<(), String> {
    let file = path.join("src/lib.rs");
    let text = fs::read_to_string(&file).map_err(|err| err.to_string())?;
    fs::write(&file, text).map_err(|err| err.to_string())
}

fn cargo(path: &Path, arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(path)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("CARGO_TARGET_DIR")
        .status()
        .map_err(|err| format!("cargo: {err}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo {} in {}: {status}", arguments.join(" "), path.display()))
    }
}

fn text_size(path: &Path) -> Result<f64, String> {
    let deps = path.join("target/release/deps");
    let newest = fs::read_dir(&deps)
        .map_err(|err| err.to_string())?
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("cost-") && name.ends_with(".o")
        })
        .max_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok())
        .ok_or("no object file")?;
    let output = Command::new("size").arg(newest.path()).output().map_err(|err| format!("size: {err}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let size = text.lines().nth(1).and_then(|line| line.split_whitespace().next()).and_then(|size| size.parse().ok());
    size.ok_or_else(|| format!("size printed {text:?}"))
}

/// What the processes cost that are run meanwhile.
struct Watch {
    clock: Instant,
    processor: Option<f64>,
}

impl Watch {
    fn start() -> Self {
        Self { clock: Instant::now(), processor: processor() }
    }

    fn seconds(&self) -> f64 {
        match (self.processor, processor()) {
            (Some(before), Some(after)) => after - before,
            _ => self.clock.elapsed().as_secs_f64(),
        }
    }
}

/// Seconds of the processor that the processes took which this one has waited for, and those below them.
fn processor() -> Option<f64> {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name that may have anything in it, in parentheses; 16 and 17 are the children's times.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_A_SECOND)
}

/// Seconds for a crate and all that it depends on, from nothing.
fn clean_build(path: &Path) -> Result<f64, String> {
    let _ = fs::remove_dir_all(path.join("target"));
    let watch = Watch::start();
    cargo(path, &["build", "--quiet"])?;
    Ok(watch.seconds())
}
