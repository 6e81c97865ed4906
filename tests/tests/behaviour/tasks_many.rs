//! Ten thousand jobs: see `src/bin/many_jobs.rs`.

use std::process::Command;

#[test]
fn what_is_told_of_many_jobs_is_exact_and_does_not_pile_up() {
    let output = Command::new(env!("CARGO_BIN_EXE_many_jobs")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
