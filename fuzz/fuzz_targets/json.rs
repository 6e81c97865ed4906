//! Any JSON value: no panic, and the values of secret keys are gone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use watchpost::redact::Redactor;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let mut value = json!({ "a": value.clone(), "password": value, "token": "zqzqz" });
    let redactor = Redactor::new();
    redactor.value(&mut value);
    assert!(!value["token"].to_string().contains("zqzqz"));
    assert!(!value["password"].is_object() || value["password"] == json!({}), "{value}");
});
