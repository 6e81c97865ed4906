use std::collections::HashMap;
use std::fmt::{Debug, Display};

use crate::support::{Bare, block_on, later};

#[watch]
fn takes_impl(value: impl Display + Clone) -> Result<String, Bare> {
    Ok(value.to_string())
}

#[watch]
fn gives_impl(n: u32) -> Result<impl Iterator<Item = u32>, Bare> {
    Ok((0..n).map(|n| n * 2))
}

#[watch_opaque]
fn gives_impl_plain<'a>(text: &'a str) -> impl Iterator<Item = char> + 'a {
    text.chars().rev()
}

#[watch]
fn gives_nested_impl() -> Result<(impl Fn(u32) -> u32, Vec<impl Debug>), impl Display> {
    if false {
        return Err("never");
    }
    Ok((|n| n + 1, vec!['x']))
}

#[watch]
fn through(n: &mut u32) -> Result<&mut u32, Bare> {
    *n += 1;
    Ok(n)
}

#[watch_plain]
fn through_plain(n: &mut u32) -> &mut u32 {
    *n += 1;
    n
}

#[watch]
fn through_slice<'a, 'b: 'a>(list: &'a mut [&'b str], other: &'b str) -> Result<&'a mut &'b str, Bare> {
    let slot = list.first_mut().ok_or(Bare)?;
    *slot = other;
    Ok(slot)
}

#[watch]
fn longest<'a>(a: &'a str, b: &'a str) -> Result<&'a str, Bare> {
    if a.len() > b.len() { return Ok(a); }
    Ok(b)
}

#[watch]
fn dynamic(value: &dyn Display) -> Result<Box<dyn Display + '_>, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Box::new(value))
}

#[watch]
fn coerces(yes: bool) -> Result<Box<dyn Fn() -> u32>, Bare> {
    if yes { Ok(Box::new(|| 1)) } else { Ok(Box::new(move || u32::from(yes))) }
}

#[watch_plain]
fn coerces_plain(list: &[u32; 3]) -> &[u32] {
    list
}

#[watch]
fn constant<const N: usize, T: Copy + Default>(value: T) -> Result<[T; N], Bare> {
    let mut list = [T::default(); N];
    list[0] = value;
    Ok(list)
}

#[watch]
fn bounded<T, E>(value: T, error: E) -> Result<T, E>
where
    T: PartialOrd + Default,
{
    if value > T::default() { Ok(value) } else { Err(error) }
}

#[watch]
fn generic_map<K: std::hash::Hash + Eq, V>(map: &HashMap<K, V>, key: &K) -> Result<Option<usize>, Bare> {
    Ok(map.get(key).map(|_| map.len()))
}

type Alias<T> = Result<T, String>;

#[watch]
fn alias(text: &str) -> Alias<usize> {
    if text.is_empty() { Err("empty".into()) } else { Ok(text.len()) }
}

#[watch_opaque]
fn closure(n: usize) -> impl Fn(&str) -> &str {
    move |text| &text[n..]
}

#[watch_opaque]
fn closure_of_items(n: u32) -> impl Fn(&u32) -> u32 {
    const MORE: u32 = 1;
    move |m| m + n + MORE
}

#[watch_plain]
fn named(n: u64) -> std::time::Duration {
    std::time::Duration::from_millis(n)
}

#[watch_plain]
fn option(n: u32) -> Option<u32> {
    n.checked_sub(1)
}

#[watch]
fn unit_error(n: u32) -> Result<(), ()> {
    if n == 0 { Err(()) } else { Ok(()) }
}

#[watch]
fn reassigned(mut text: &str, mut list: Vec<String>) -> Result<usize, Bare> {
    let local = text.to_uppercase();
    list.push(local);
    text = "longer";
    Ok(text.len() + list.len())
}

#[watch]
fn function_pointers(f: fn(u32) -> u32, g: &mut dyn FnMut(u32)) -> Result<fn(u32) -> u32, Bare> {
    g(f(1));
    Ok(f)
}

#[watch]
fn associated<I: IntoIterator>(list: I) -> Result<Vec<<I as IntoIterator>::Item>, Bare>
where
    I::Item: Clone,
{
    Ok(list.into_iter().collect())
}

/// An error only where what it gives back outlives everything, as in arrayvec.
#[derive(Debug)]
struct Full<T>(T);
impl<T> Display for Full<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("full")
    }
}
impl<T: std::any::Any + Debug> std::error::Error for Full<T> {}

#[watch]
fn gives_back<T>(list: &mut Vec<T>, item: T) -> Result<(), Full<T>> {
    if list.len() > 1 {
        return Err(Full(item));
    }
    list.push(item);
    Ok(())
}

struct Short(String);

impl<'a> std::convert::TryFrom<&'a str> for Short {
    type Error = Full<&'a str>;

    #[watch]
    fn try_from(text: &'a str) -> Result<Self, Self::Error> {
        if text.len() > 3 { Err(Full(text)) } else { Ok(Short(text.to_owned())) }
    }
}

trait Put {
    type Item;
    type Error;
    fn put(&mut self, item: Self::Item) -> Result<(), Self::Error>;
}

struct Shelf<T>(Vec<T>);

impl<T: Debug> Put for Shelf<T> {
    type Item = T;
    type Error = Full<T>;

    // `Self::Error` would hide the parameter from the attribute.
    #[watch]
    fn put(&mut self, item: T) -> Result<(), Full<T>> {
        gives_back(&mut self.0, item)
    }
}

struct Row<Thing>(Vec<Thing>);

// On the block the attribute reads what `Self::Error` is.
#[watch_block]
impl<Thing: Debug> Put for Row<Thing> {
    type Item = Thing;
    type Error = Full<Thing>;

    fn put(&mut self, item: Thing) -> Result<(), Self::Error> {
        gives_back(&mut self.0, item)
    }
}

fn of_texts<F: Fn(&str) -> &str>(f: F) -> F {
    f
}

#[watch]
fn gives_closure(n: usize) -> Result<impl Fn(&str) -> &str, Bare> {
    Ok(of_texts(move |text| &text[n..]))
}

#[watch_opaque]
async fn gives_closure_async(n: usize) -> impl Fn(&str) -> &str {
    later().await;
    of_texts(move |text| &text[n..])
}

#[watch]
async fn gives_closures_async(n: usize) -> Result<(impl Fn(&str) -> &str, Option<impl Fn(&u32) -> u32>), Bare> {
    later().await;
    if n > 5 {
        return Err(Bare);
    }
    Ok((of_texts(move |text| &text[n..]), Some(|n: &u32| n + 1)))
}

struct Holder<T>(Vec<T>);

impl<T: PartialOrd> Holder<T> {
    const N: usize = 2;

    #[watch]
    fn compares<'s>(&'s self) -> Result<impl Fn(&T) -> bool + 's, Bare> {
        Ok(move |other: &T| self.0.iter().all(|one| one < other))
    }

    #[watch]
    fn sized(&self) -> Result<[usize; 2], impl Display> {
        if self.0.is_empty() { Err("empty") } else { Ok([self.0.len(); 2]) }
    }

    #[watch]
    async fn compares_async(&self) -> Result<impl Fn(&T) -> bool + '_, impl Display> {
        later().await;
        if self.0.is_empty() {
            return Err("empty");
        }
        Ok(move |other: &T| self.0.iter().all(|one| one < other))
    }
}

#[watch]
fn higher_ranked<F>(f: F) -> Result<usize, Bare>
where
    F: for<'x> Fn(&'x str) -> Result<&'x str, Bare>,
{
    let text = "text".to_owned();
    f(&text).map(str::len)
}

#[watch]
fn error_borrows<'a>(text: &'a str) -> Result<usize, &'a str> {
    if text.is_empty() { Err(text) } else { Ok(text.len()) }
}

#[watch]
async fn error_borrows_async(text: &str) -> Result<usize, Full<&str>> {
    later().await;
    if text.len() > 3 { Err(Full(text)) } else { Ok(text.len()) }
}

#[watch]
fn error_is_dynamic(text: &str) -> Result<usize, &dyn Display> {
    if text.is_empty() { Err(&"empty") } else { Ok(text.len()) }
}

#[watch]
fn error_of_a_parameter<T: std::str::FromStr>(text: &str) -> Result<T, T::Err> {
    text.parse()
}

#[watch]
async fn error_of_a_parameter_async<T: std::str::FromStr>(text: &str) -> Result<T, <T as std::str::FromStr>::Err> {
    later().await;
    text.parse()
}

#[watch]
async fn error_is_generic<T, E: From<&'static str>>(value: Option<T>) -> Result<T, E> {
    later().await;
    Ok(value.ok_or("none")?)
}

pub fn observe() -> Vec<String> {
    let mut n = 1;
    *through(&mut n).ok().unwrap_or(&mut 0) += 10;
    *through_plain(&mut n) += 10;
    let mut texts = ["a", "b"];
    let changed = through_slice(&mut texts, "c").ok().map(|slot| *slot);
    let (add, list) = match gives_nested_impl() {
        Ok(pair) => pair,
        Err(err) => panic!("{}", err),
    };
    let mut heard = 0;
    let pointer = function_pointers(|n| n + 1, &mut |n| heard = n).ok().map(|f| f(5));
    let map: HashMap<&str, u32> = [("k", 1)].iter().cloned().collect();
    vec![
        format!("{:?}", takes_impl(4).ok()),
        format!("{:?}", gives_impl(4).ok().map(|list| list.sum::<u32>())),
        gives_impl_plain("abc").collect(),
        format!("{} {:?}", add(1), list),
        format!("{} {:?} {:?}", n, changed, texts),
        format!("{:?} {:?}", longest("a", "bc").ok(), longest("abc", "bc").ok()),
        format!("{}", dynamic(&5).map(|value| value.to_string()).unwrap_or_default()),
        format!("{:?} {:?}", coerces(true).ok().map(|f| f()), coerces_plain(&[1, 2, 3])),
        format!("{:?}", constant::<3, u8>(7).ok()),
        format!("{:?} {:?}", bounded(1, "low"), bounded(-1, "low")),
        format!("{:?} {:?}", generic_map(&map, &"k").ok(), generic_map(&map, &"x").ok()),
        format!("{:?} {:?}", alias("abc"), alias("")),
        format!("{} {}", closure(1)("abc"), closure_of_items(1)(&2)),
        format!("{:?} {:?} {:?}", named(5), option(0), option(1)),
        format!("{:?} {:?}", unit_error(0), unit_error(1)),
        format!("{:?}", reassigned("abc", Vec::new()).ok()),
        format!("{:?} {}", pointer, heard),
        format!("{:?}", associated(vec![1, 2]).ok()),
        format!("{:?} {:?}", gives_back(&mut vec![1], 2).ok(), gives_back(&mut vec!["a", "b"], "c").map_err(|full| full.0)),
        format!("{:?}", ["abc", "abcd"].iter().map(|text| {
            <Short as std::convert::TryFrom<&str>>::try_from(text).map(|short| short.0).map_err(|full| full.0)
        }).collect::<Vec<_>>()),
        format!("{:?} {:?}", Shelf(vec![1]).put(2).ok(), Shelf(vec!["a", "b"]).put("c").map_err(|full| full.0)),
        format!("{:?} {:?}", Row(vec![1]).put(2).ok(), Row(vec!["a", "b"]).put("c").map_err(|full| full.0)),
        format!("{:?} {:?}", gives_closure(1).ok().map(|f| f("abc").len()), block_on(gives_closure_async(1))("abc")),
        format!("{:?}", block_on(gives_closures_async(1)).ok().map(|(f, g)| (f("abc").len(), g.map(|g| g(&1))))),
        format!("{:?} {:?}", Holder(vec![1, 2]).compares().ok().map(|f| f(&3)), Holder::<u8>(vec![]).sized().map_err(|e| e.to_string())),
        format!("{:?}", block_on(Holder(vec![1, 2]).compares_async()).ok().map(|f| f(&2))),
        format!("{:?}", higher_ranked(|text| Ok(&text[1..])).ok()),
        format!("{:?} {:?}", error_borrows(""), block_on(error_borrows_async("abcd")).map_err(|full| full.0)),
        format!("{:?}", error_is_dynamic("").map_err(|err| err.to_string())),
        format!("{:?} {:?}", error_of_a_parameter::<u8>("x"), block_on(error_of_a_parameter_async::<u8>("7"))),
        format!("{:?}", block_on(error_is_generic::<u8, String>(None))),
    ]
}
