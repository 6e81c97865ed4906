//! Bodies whose outcome is no `Result`: see `shapes.rs`.

use std::future::Future;
use std::pin::Pin;

use crate::support::{Noted, Pair, block_on, later, note, noted, poll_once, run};

type RETURNED<T> = Option<T>;

fn good<T>(value: T) -> Option<T> {
    Some(value)
}
fn bad<T>(_: &str) -> Option<T> {
    None
}
fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

bodies! { [#[watch_plain]] [#[watch_block]] [Option] }
