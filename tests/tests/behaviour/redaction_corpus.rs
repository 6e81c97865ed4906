//! What is no secret stays as it is.

use watchpost::redact::{Mode, Redactor};

const CLEAN: &str = include_str!("../../corpus/clean.txt");

#[test]
fn no_clean_text_is_changed() {
    assert!(CLEAN.lines().count() >= 500);
    let changed = |redactor: &Redactor| -> Vec<_> {
        let clean = CLEAN.lines().map(|text| (text, redactor.text(text).into_owned()));
        clean.filter(|(text, clean)| text != clean).collect()
    };
    assert_eq!(changed(&Redactor::new()), []);
    assert_eq!(changed(&Redactor::new().mode(Mode::Mask)), []);
}

#[test]
fn nor_is_the_whole_of_them() {
    assert_eq!(Redactor::new().text(CLEAN), CLEAN);
}
