//! Bodies that may fail: see `shapes.rs`.

use std::future::Future;
use std::pin::Pin;

use crate::support::{Noted, Pair, block_on, later, note, noted, poll_once, run};

type RETURNED<T> = Result<T, String>;

fn good<T>(value: T) -> Result<T, String> {
    Ok(value)
}
fn bad<T>(why: &str) -> Result<T, String> {
    Err(why.to_owned())
}
fn number(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "no number")
}

bodies! { [#[watch]] [#[watch_block]] [Result, String] }
