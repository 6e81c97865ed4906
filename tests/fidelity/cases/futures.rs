use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::support::{Bare, Noted, assert_send, assert_static, block_on, later, note, noted, poll_once};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[watch]
fn boxed<'a>(text: &'a str, a: Noted) -> Pin<Box<dyn Future<Output = Result<usize, Bare>> + Send + 'a>> {
    let length = text.len();
    note("called");
    let future = async move {
        note("polled");
        later().await;
        let _ = &a;
        if length == 0 { Err(Bare) } else { Ok(length) }
    };
    note("made");
    Box::pin(future)
}

#[watch_plain]
fn boxed_plain(text: String) -> Pin<Box<dyn Future<Output = usize>>> {
    let rc = Rc::new(text);
    Box::pin(async move {
        later().await;
        rc.len()
    })
}

#[watch]
fn early_return(n: u32) -> Pin<Box<dyn Future<Output = Result<u32, Bare>> + Send>> {
    if n == 0 {
        return Box::pin(std::future::ready(Err(Bare)));
    }
    Box::pin(async move { Ok(n) })
}

#[watch]
fn opaque(n: u32) -> impl Future<Output = Result<u32, String>> {
    note("called");
    async move {
        later().await;
        if n == 0 {
            return Err("zero".into());
        }
        Ok(n)
    }
}

#[watch]
fn opaque_borrowing<'a>(text: &'a str) -> impl Future<Output = Result<&'a str, Bare>> + Send + 'a {
    let trimmed = text.trim();
    async move { Ok(trimmed) }
}

#[watch_plain]
fn opaque_plain(n: u32) -> impl Future<Output = u32> + Send + 'static {
    std::future::ready(n)
}

#[watch]
async fn recursive(n: u32) -> Result<u32, Bare> {
    if n == 0 {
        return Ok(0);
    }
    let below = Box::pin(recursive(n - 1)).await?;
    Ok(below + n)
}

#[watch]
fn recursive_boxed(n: u32) -> Pin<Box<dyn Future<Output = Result<u32, Bare>> + Send>> {
    Box::pin(async move { if n == 0 { Ok(0) } else { Ok(recursive_boxed(n - 1).await? + n) } })
}

#[watch]
async fn borrows(a: &str, b: &mut Vec<String>) -> Result<usize, Bare> {
    later().await;
    b.push(a.to_owned());
    Ok(b.len())
}

#[watch]
async fn names<'a, 'b>(a: &'a str, b: &'b str) -> Result<(&'a str, &'b str), Bare> {
    later().await;
    Ok((a, b))
}

#[watch]
async fn generic<T, F, Fut>(value: T, f: F) -> Result<Fut::Output, Bare>
where
    F: FnOnce(T) -> Fut,
    Fut: Future,
{
    Ok(f(value).await)
}

#[watch]
async fn takes_impl(text: impl AsRef<str> + Send, list: &[impl Sync + ToString]) -> Result<String, Bare> {
    later().await;
    Ok(list.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(text.as_ref()))
}

#[watch]
async fn gives_impl(n: u32) -> Result<impl Iterator<Item = u32>, Bare> {
    later().await;
    Ok(0..n)
}

#[watch]
async fn nested(n: u32) -> Result<u32, Bare> {
    let inner = async {
        if n == 0 {
            return Err(Bare);
        }
        later().await;
        Ok(n * 2)
    };
    let doubled = inner.await?;
    let closure = |n: u32| -> Result<u32, Bare> { if n > 100 { Err(Bare) } else { Ok(n) } };
    closure(doubled)
}

#[watch]
async fn reassigned(mut text: &str) -> Result<String, Bare> {
    let local = text.to_uppercase();
    later().await;
    text = &local;
    Ok(text.to_owned())
}

#[watch]
async fn not_send(n: u32) -> Result<u32, Bare> {
    let rc = Rc::new(n);
    later().await;
    Ok(*rc)
}

#[watch_plain]
async fn coerces(yes: bool) -> Box<dyn Fn() -> u32> {
    later().await;
    if yes { Box::new(|| 1) } else { Box::new(move || u32::from(yes)) }
}

#[watch_plain]
async fn unit() {
    later().await;
}

#[watch]
async fn big(list: [u8; 1024]) -> Result<u8, Bare> {
    later().await;
    Ok(list[0])
}

async fn big_plain(list: [u8; 1024]) -> Result<u8, Bare> {
    later().await;
    Ok(list[0])
}

#[watch]
async fn small(n: u32) -> Result<u32, Bare> {
    later().await;
    Ok(n)
}

async fn small_plain(n: u32) -> Result<u32, Bare> {
    later().await;
    Ok(n)
}

/// A wrapped future is at most 128 bytes and the arguments' own size larger than the plain one.
fn grown(plain: usize, annotated: usize, arguments: usize) -> String {
    let limit = plain + WRAPPERS * (128 + arguments);
    if annotated <= limit { "fits".to_owned() } else { format!("{} > {}", annotated, limit) }
}

fn size<F: Future>(future: F) -> usize {
    std::mem::size_of_val(&future)
}

pub fn observe() -> Vec<String> {
    let n = Noted;
    let mut list = Vec::new();
    let text = String::from(" text ");
    vec![
        noted("boxed", || block_on(assert_send(boxed("text", n("a")))).is_ok()),
        noted("boxed, unpolled", || drop(boxed("text", n("a")))),
        noted("boxed, dropped on its way", || poll_once(boxed("text", n("a")))),
        format!("{:?} {:?}", block_on(boxed_plain("text".into())), block_on(early_return(0)).ok()),
        format!("{:?} {:?}", block_on(early_return(1)).ok(), block_on(opaque(0))),
        noted("opaque", || block_on(assert_static(opaque(1))).is_ok()),
        format!("{:?} {:?}", block_on(opaque_borrowing(&text)).ok(), block_on(assert_static(opaque_plain(2)))),
        format!("{:?} {:?}", block_on(assert_send(recursive(4))).ok(), block_on(recursive_boxed(4)).ok()),
        format!("{:?} {:?}", block_on(assert_send(borrows("x", &mut list))).ok(), block_on(names("a", "b")).ok()),
        format!("{:?}", block_on(generic(1, |n| async move { n + 1 })).ok()),
        format!("{:?}", block_on(assert_send(takes_impl("-", &[1, 2]))).ok()),
        format!("{:?}", block_on(assert_send(gives_impl(3))).ok().map(|list| list.sum::<u32>())),
        format!("{:?} {:?}", block_on(nested(1)).ok(), block_on(nested(0)).ok()),
        format!("{:?} {:?}", block_on(reassigned("abc")).ok(), block_on(not_send(3)).ok()),
        format!("{:?} {:?}", block_on(coerces(false))(), block_on(assert_static(assert_send(unit())))),
        grown(size(big_plain([0; 1024])), size(big([0; 1024])), 1024),
        grown(size(small_plain(0)), size(small(0)), 4),
    ]
}
