//! The compiler and the run hold names to the same limits: a macro crate cannot depend on the runtime it expands to, so the lists
//! stand twice.

const MACROS: &str = include_str!("../../../macros/src/checks/limits.rs");
const RUNTIME: &str = include_str!("../../../runtime/src/context/limits.rs");

/// What a constant is set to, without white space.
fn value(of: &str, source: &str) -> String {
    let (_, rest) = source.split_once(&format!("const {of}:")).expect("the constant");
    let (_, value) = rest.split_once('=').expect("its value");
    let (value, _) = value.split_once(';').expect("its end");
    value.split_whitespace().collect()
}

#[test]
fn the_macros_and_the_runtime_have_the_same_lists() {
    for constant in ["RESERVED_CONTEXTS", "RESERVED_USER_KEYS", "KEY_MAX"] {
        let (macros, runtime) = (value(constant, MACROS), value(constant, RUNTIME));
        assert!(!macros.is_empty());
        assert_eq!(macros, runtime, "{constant}");
    }
}
