// The build script of the crates `edition-*`: each case once for every stack of attributes, plain among them.
//
// A case marks its functions with `#[watch]` where they return a `Result` and with `#[watch_plain]` where they do not (such
// a function cannot capture errors), and with `#[watch_opaque]` where `impl Trait` hides what it is (such a function is no task
// either); the marker becomes the stack's attributes, on one line, so that lines stay the same.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const CASES: &[&str] = &["drops", "flow", "futures", "methods", "signatures", "types"];

const STACKS: &[(&str, &str)] = &[
    ("plain", ""),
    ("m", "m"),
    ("c", "c"),
    ("t", "t"),
    ("mc", "mc"),
    ("cm", "cm"),
    ("mt", "mt"),
    ("tm", "tm"),
    ("ct", "ct"),
    ("tc", "tc"),
    ("mct", "mct"),
    ("mtc", "mtc"),
    ("cmt", "cmt"),
    ("ctm", "ctm"),
    ("tmc", "tmc"),
    ("tcm", "tcm"),
    // Under other names the attributes do not see each other, and each wraps for itself.
    ("nested_mc", "MC"),
    ("nested_cm", "CM"),
    ("nested_mt", "MT"),
    ("nested_tcm", "TCM"),
];

fn main() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fidelity");
    println!("cargo::rerun-if-changed={}", cases.display());
    let mut all = String::new();
    let mut names = String::new();
    for (name, stack) in STACKS {
        let _ = writeln!(all, "mod {name} {{");
        for case in CASES {
            let source = fs::read_to_string(cases.join(format!("cases/{case}.rs"))).expect("the case is there");
            let source = source
                .replace("#[watch]", &attributes(stack, "mct"))
                .replace("#[watch_plain]", &attributes(stack, "mt"))
                .replace("#[watch_opaque]", &attributes(stack, "m"))
                .replace("WRAPPERS", &wrappers(stack).to_string());
            let _ = writeln!(all, "pub mod {case} {{\n{source}\n}}");
        }
        let _ = writeln!(all, "pub fn observe() -> Vec<(&'static str, Vec<String>)> {{ vec![");
        for case in CASES {
            let _ = writeln!(all, "(\"{case}\", {case}::observe()),");
        }
        let _ = writeln!(all, "] }}\n}}");
        let _ = writeln!(names, "(\"{name}\", {name}::observe as fn() -> Vec<(&'static str, Vec<String>)>),");
    }
    let _ = writeln!(all, "const STACKS: &[(&str, fn() -> Vec<(&'static str, Vec<String>)>)] = &[\n{names}];");
    let out = env::var("OUT_DIR").expect("cargo says where");
    fs::write(Path::new(&out).join("stacks.rs"), all).expect("the place can be written to");
}

fn wrappers(stack: &str) -> usize {
    let nested = stack.chars().filter(|one| one.is_uppercase()).count();
    if nested > 0 {
        nested
    } else {
        1
    }
}

fn attributes(stack: &str, fit: &str) -> String {
    let each = stack.chars().filter(|one| fit.contains(one.to_ascii_lowercase())).filter_map(|one| match one {
        'm' => Some("#[::watchpost::monitor_performance]"),
        't' => Some("#[::watchpost::monitored_task]"),
        'c' => Some("#[::watchpost::capture_errors]"),
        'M' => Some("#[crate::other_m]"),
        'T' => Some("#[crate::other_t]"),
        'C' => Some("#[crate::other_c]"),
        _ => None,
    });
    each.collect()
}
