//! The compile-time and the run-time list of secret-looking keys are one.

#[test]
fn the_macros_and_the_runtime_decide_by_the_same_file() {
    let runtime = include_str!("../../../runtime/src/redact/keys.rs");
    let macros = include_str!("../../../macros/src/checks/secret_keys.rs");
    assert!(runtime == macros, "copy runtime/src/redact/keys.rs to macros/src/checks/secret_keys.rs");
}
