// Every case under every stack of attributes does what it does without any.

// The cases are code as people write it, in editions whose own lints have changed since.
#![allow(
    clippy::all,
    dead_code,
    deprecated,
    improper_ctypes_definitions,
    non_fmt_panics,
    unsafe_op_in_unsafe_fn,
    unused
)]

pub use watchpost::{capture_errors as other_c, monitor_performance as other_m, monitored_task as other_t};

mod support {
    include!("support.rs");
}

include!("shapes.rs");
include!(concat!(env!("OUT_DIR"), "/stacks.rs"));

fn compare() {
    let plain = plain::observe();
    for (name, observe) in STACKS {
        for (case, observed) in observe() {
            let (_, expected) = plain.iter().find(|(plain, _)| *plain == case).expect("each case has its plain twin");
            assert_eq!(*expected, observed, "`{case}` under `{name}`");
        }
    }
}

#[test]
fn annotated_functions_do_what_plain_ones_do() {
    compare();
}

#[test]
fn the_cases_see_something() {
    let plain = plain::observe();
    for (case, observed) in &plain {
        assert!(observed.len() > 5, "`{case}` observes nothing: {observed:?}");
    }
    let seen = |line: &str| plain.iter().any(|(_, observed)| observed.iter().any(|seen| seen == line));
    assert!(seen("arguments: body c b a"));
    assert!(seen("returns boxed: before a temporary local Err(\"three\") no panic"));
}
