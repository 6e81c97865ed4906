use std::any::Any;
use std::fmt;

use watchpost::capture_errors;

/// An error only where what it gives back outlives everything.
#[derive(Debug)]
struct Full<T>(T);
impl<T> fmt::Display for Full<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("full")
    }
}
impl<T: Any + fmt::Debug> std::error::Error for Full<T> {}

trait Put {
    type Item;
    type Error;
    fn put(&mut self, item: Self::Item) -> Result<(), Self::Error>;
}

impl<T: fmt::Debug> Put for Vec<T> {
    type Item = T;
    type Error = Full<T>;

    // Written as `Full<T>`, it would compile: the attribute would see the parameter.
    #[capture_errors]
    fn put(&mut self, item: T) -> Result<(), Self::Error> {
        Err(Full(item))
    }
}

fn main() {}
