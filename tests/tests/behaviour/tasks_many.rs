//! Ten thousand jobs: see `src/bin/many_jobs.rs`.

use std::process::Command;

#[test]
fn what_is_told_of_many_jobs_is_exact_and_does_not_pile_up() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_many_jobs"));
    // Where every envelope is kept as a file, the receiver is too slow for so many.
    let output = program.env_remove("WATCHPOST_TEST_ENVELOPES").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
