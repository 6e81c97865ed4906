//! Any text: no panic, and what is secret wherever it stands is gone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use watchpost::redact::{Mode, Redactor};

fuzz_target!(|parts: (&str, &str)| {
    let (before, after) = parts;
    for secret in ["4111111111111111", "bob@example.com", "123-45-6789", "AKIAIOSFODNN7EXAMPLE"] {
        let text = format!("{before} {secret} {after}");
        let clean = Redactor::new().text(&text).into_owned();
        let elsewhere = before.contains(secret) || after.contains(secret);
        assert!(elsewhere || !clean.contains(secret), "{secret} in {clean}");
    }
    for mode in [Mode::Mask, Mode::Hash] {
        let _ = Redactor::new().mode(mode).redact_key("a_b").text(before);
    }
    let redactor = Redactor::new();
    let _ = (redactor.url(before), redactor.query(before), redactor.is_secret_key(before));
});
