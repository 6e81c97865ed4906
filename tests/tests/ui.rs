//! What the compiler says: mistakes one error each, at the token that caused it; and what must compile in silence.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*/*.rs");
    cases.compile_fail("ui/fail/*/*.rs");
}
