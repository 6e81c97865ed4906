// The build script of the crates `edition-*`: each case once for every stack of attributes, plain among them.
//
// A case marks its functions with `#[watch]`, which becomes the stack's attributes, on one line, so that lines stay the same.
// Where one of them is refused the marker says which, and is replaced by the others: see `MARKERS`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Each case, and the attributes that say something of it: under a stack with another one in it, it would be as under the shorter.
const CASES: &[(&str, &str)] = &[
    ("bodies", "mct"),
    ("bodies_plain", "mt"),
    ("drops", "mct"),
    ("flow", "mct"),
    ("futures", "mct"),
    ("methods", "mct"),
    ("signatures", "mct"),
    ("types", "mct"),
];

/// What stands in the cases for the stack's attributes, and which of those may stand there. For each that may not, a case of
/// `tests/ui/fail` has what the compiler says instead.
const MARKERS: &[(&str, &str, &[&str])] = &[
    ("#[watch]", "mct", &[]),
    // No `Result`.
    (
        "#[watch_plain]",
        "mt",
        &[
            "capture/returns_no_result",
            "capture/returns_no_result_async",
            "capture/returns_nothing",
            "capture/returns_never",
        ],
    ),
    // `impl Trait` hides what it is.
    ("#[watch_opaque]", "m", &["capture/returns_impl_trait", "task/opaque", "task/opaque_async"]),
    // A `Result` under `#[track_caller]`.
    ("#[watch_caller]", "m", &["capture/track_caller", "task/track_caller"]),
    // An `impl` block, of which no task can be made; its functions' `Result`s are found by the attribute.
    ("#[watch_block]", "mc", &["task/on_a_block"]),
];

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
    let fidelity = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fidelity");
    println!("cargo::rerun-if-changed={}", fidelity.display());
    for refused in MARKERS.iter().flat_map(|(_, _, refused)| *refused) {
        let case = fidelity.join(format!("../ui/fail/{refused}.stderr"));
        assert!(case.exists(), "{} says what the compiler says", case.display());
    }
    let mut all = String::new();
    let mut names = String::new();
    for (name, stack) in STACKS {
        let _ = writeln!(all, "mod {name} {{");
        let cases = || CASES.iter().filter(|(_, fit)| stack.to_lowercase().chars().all(|one| fit.contains(one)));
        for (case, _) in cases() {
            let source = fs::read_to_string(fidelity.join(format!("cases/{case}.rs"))).expect("the case is there");
            let source = MARKERS
                .iter()
                .fold(source, |source, (marker, fit, _)| source.replace(marker, &attributes(stack, fit)))
                .replace("WRAPPERS", &wrappers(stack).to_string());
            let _ = writeln!(all, "pub mod {case} {{\n{source}\n}}");
        }
        let _ = writeln!(all, "pub fn observe() -> Vec<(&'static str, Vec<String>)> {{ vec![");
        for (case, _) in cases() {
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
