use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::support::{Bare, Noted, assert_send, assert_static, block_on, later, note, noted, poll_once};

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

#[watch]
async fn through(n: &mut u32) -> Result<&mut u32, Bare> {
    later().await;
    *n += 1;
    Ok(n)
}

#[watch_plain]
async fn through_plain(n: &mut u32) -> &mut u32 {
    *n += 1;
    later().await;
    n
}

#[watch]
async fn through_named<'a, T>(value: &'a mut T, list: &mut Vec<u32>) -> Result<&'a mut T, Bare> {
    later().await;
    list.push(1);
    Ok(value)
}

#[watch]
fn through_boxed<'a>(n: &'a mut u32) -> Pin<Box<dyn Future<Output = Result<&'a mut u32, Bare>> + Send + 'a>> {
    *n += 1;
    Box::pin(async move {
        later().await;
        *n += 1;
        Ok(n)
    })
}

#[watch]
fn through_opaque<'a>(n: &'a mut u32) -> impl Future<Output = Result<&'a mut u32, Bare>> + 'a {
    *n += 1;
    async move {
        *n += 1;
        Ok(n)
    }
}

#[watch]
async fn constant<const N: usize, T: Copy + Default>(value: T) -> Result<[T; N], Bare> {
    later().await;
    let mut list = [T::default(); N];
    list[0] = value;
    Ok(list)
}

#[watch]
fn constant_boxed<const N: usize, T>(value: T) -> Pin<Box<dyn Future<Output = Result<[T; N], Bare>> + Send>>
where
    T: Copy + Send + 'static,
{
    Box::pin(async move { Ok([value; N]) })
}

#[watch]
fn takes_impl_boxed<'a>(text: impl AsRef<str> + Send + 'a) -> BoxFuture<'a, Result<usize, Bare>> {
    Box::pin(async move { Ok(text.as_ref().len()) })
}

#[watch]
fn takes_impl_opaque(list: impl IntoIterator<Item = u32>) -> impl Future<Output = Result<u32, Bare>> {
    let sum = list.into_iter().sum();
    async move { Ok(sum) }
}

#[watch]
fn captures_nothing(text: &str) -> impl Future<Output = Result<usize, Bare>> + Send + use<> {
    let length = text.len();
    async move { Ok(length) }
}

#[watch]
async fn dynamic(f: &(dyn Fn(u32) -> u32 + Sync), r#type: Box<dyn ToString + Send>) -> Result<Box<dyn ToString + Send>, Box<dyn std::error::Error + Send + Sync>> {
    later().await;
    let number: u32 = r#type.to_string().parse()?;
    Ok(Box::new(f(number)))
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

struct Service(u32);

impl Service {
    #[watch]
    fn boxed(&self, n: u32) -> Pin<Box<dyn Future<Output = Result<u32, Bare>> + Send + '_>> {
        let n = n + 1;
        Box::pin(async move { Ok(self.0 + n) })
    }

    #[watch]
    fn boxed_by_name(&mut self) -> BoxFuture<'_, Result<&mut u32, Bare>> {
        Box::pin(async move { Ok(&mut self.0) })
    }

    #[watch]
    fn opaque(&self) -> impl Future<Output = Result<&u32, Bare>> + Send + '_ {
        async move { Ok(&self.0) }
    }

    #[watch]
    async fn small(&self) -> Result<u32, Bare> {
        later().await;
        Ok(self.0)
    }
    async fn small_plain(&self) -> Result<u32, Bare> {
        later().await;
        Ok(self.0)
    }
}

#[watch]
fn small_opaque(n: u32) -> impl Future<Output = Result<u32, Bare>> {
    async move {
        later().await;
        Ok(n)
    }
}
fn small_opaque_plain(n: u32) -> impl Future<Output = Result<u32, Bare>> {
    async move {
        later().await;
        Ok(n)
    }
}

#[watch_plain]
async fn empty() {}
async fn empty_plain() {}

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
        grown(size(Service(0).small_plain()), size(Service(0).small()), 8),
        grown(size(small_opaque_plain(0)), size(small_opaque(0)), 4),
        grown(size(empty_plain()), size(empty()), 0),
        format!("{:?} {}", block_on(assert_send(through(&mut 1))).ok(), block_on(through_plain(&mut 2))),
        format!("{:?}", block_on(through_named(&mut "a", &mut vec![])).ok()),
        format!("{:?} {:?}", block_on(through_boxed(&mut 1)).ok(), block_on(through_opaque(&mut 2)).ok()),
        format!("{:?} {:?}", block_on(assert_static(constant::<2, u8>(1))).ok(), block_on(constant_boxed::<2, u8>(1)).ok()),
        format!("{:?} {:?}", block_on(takes_impl_boxed("abc")).ok(), block_on(assert_send(takes_impl_opaque(vec![1, 2]))).ok()),
        format!("{:?}", block_on(assert_static(captures_nothing(&String::from("abc")))).ok()),
        format!("{:?}", block_on(assert_send(dynamic(&|n| n + 1, Box::new(4)))).map(|value| value.to_string()).ok()),
        format!("{:?} {:?}", block_on(Service(1).boxed(2)).ok(), block_on(Service(3).boxed_by_name()).ok()),
        format!("{:?} {:?}", block_on(assert_send(Service(4).opaque())).ok(), block_on(assert_static(assert_send(small(5)))).ok()),
    ]
}
