//! Error types, return types, patterns and values that the attributes read by their tokens.
#![deny(warnings)]

use std::fmt;
use watchpost::{Classify, SentryContext, capture_errors, monitor_performance, monitored_task};

#[derive(Debug)]
struct Bad<T>(T);
impl<T: fmt::Debug> fmt::Display for Bad<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
impl<T: fmt::Debug> std::error::Error for Bad<T> {}

trait Has {
    type Err;
}
struct X;
impl Has for X {
    type Err = Bad<u8>;
}

#[capture_errors]
fn qself(n: u8) -> Result<(), <X as Has>::Err> {
    if n > 0 { Err(Bad(n)) } else { Ok(()) }
}
#[capture_errors]
fn generic<T: fmt::Debug + 'static>(t: T) -> Result<(), Bad<T>> {
    Err(Bad(t))
}
#[capture_errors]
fn stat(n: u8) -> Result<u8, Bad<&'static str>> {
    if n == 0 { Err(Bad("x")) } else { Ok(n) }
}
#[capture_errors]
fn borrowed<'a>(n: &'a str) -> Result<u8, Bad<&'a str>> {
    n.parse().map_err(|_| Bad(n))
}
#[capture_errors]
fn dynfn() -> Result<impl Fn(&str) -> Result<Vec<u8>, Bad<u8>>, Bad<u8>> {
    Ok(|s: &str| Ok(s.as_bytes().to_vec()))
}
#[monitor_performance]
#[capture_errors]
fn nested() -> Result<(impl Iterator<Item = u8> + Clone, [impl fmt::Debug; 2]), Box<dyn std::error::Error>> {
    Ok((0..3, ["a", "b"]))
}

#[capture_errors(fields(total = match n { 0 => 1, k => k + 1 }, both = a | b, c = (|x: u8, y: u8| x + y)(1, 2), first = list.first().map(|x| x + 1)), fingerprint = ["a", err.to_string(),], context = Ctx { id: 3, mail: None })]
fn values(n: u8, a: u8, b: u8, list: &[u8]) -> Result<u8, Bad<u8>> {
    if n == 0 { Err(Bad(list.len() as u8)) } else { Ok(a + b) }
}

#[derive(SentryContext)]
struct Ctx {
    id: u8,
    #[context(hashed)]
    mail: Option<String>,
}

#[derive(SentryContext)]
#[allow(dead_code)]
#[rustfmt::skip]
struct Where<T, U> where T: Copy, U: Clone, {
    t: T,
    u: U,
}
#[derive(SentryContext)]
#[allow(dead_code)]
#[rustfmt::skip]
struct NoWhere<T>(#[context(rename = "v")] T) where;

struct P {
    a: u8,
    b: String,
}
#[monitor_performance]
#[capture_errors]
fn patterns(
    P { a, ref b }: P,
    (mut c, ref mut d): (u8, Vec<u8>),
    [x, rest @ ..]: [u8; 3],
    #[cfg(any())] gone: u8,
    _: u8,
    w @ (1 | 2 | _): u8,
) -> Result<usize, Bad<u8>> {
    c += 1;
    d.push(c);
    Ok(a as usize + b.len() + d.len() + x as usize + rest.len() + w as usize)
}
#[monitored_task("job", id = e.0, attempt = *n, max_attempts = 3)]
fn task((e, _f): ((u64, u8), u8), P { a: _, b }: P, n: &u32) -> Result<usize, Bad<u8>> {
    let _ = e;
    let _ = n;
    Ok(b.len())
}
#[monitored_task]
async fn atask(mut v: Vec<u8>, (x, y): (u8, u8)) -> Result<usize, Bad<u8>> {
    v.push(x + y);
    Ok(v.len())
}

#[derive(Debug, Classify)]
#[classify(category = "pay", http = 402, fingerprint = ["a", r"b"])]
enum E<'a> {
    #[classify(level = "warning", retry = "never")]
    A(&'a str),
    #[classify(ignore)]
    B { source: std::num::ParseIntError },
}
impl fmt::Display for E<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            E::A(x) => f.write_str(x),
            E::B { source } => source.fmt(f),
        }
    }
}
struct Shop<'a>(&'a str);
#[monitor_performance(op = "shop", fields(shop = self.0))]
#[capture_errors(category = "shop", ignore = E::B { .. } | E::A(""), fingerprint = ["x", err.to_string()], context = Ctx { id: 1, mail: None }, tags(t = self.0))]
impl<'a> Shop<'a> {
    fn a(&self) -> Result<u8, E<'a>> {
        Err(E::A(self.0))
    }
    #[capture_errors(category = "own")]
    fn b(&self, s: &str) -> Result<u8, E<'a>> {
        s.parse().map_err(|source| E::B { source })
    }
    fn c(&self) -> usize {
        self.0.len()
    }
    #[monitor_performance(skip)]
    #[capture_errors(skip)]
    fn d(self) -> &'a str {
        self.0
    }
    async fn e(&mut self) -> Result<u8, E<'a>> {
        Ok(1)
    }
}
fn main() {
    let _ = (qself(1), generic(1u8), stat(0), borrowed("x"), values(0, 1, 2, &[1]));
    assert_eq!(dynfn().ok().unwrap()("a").unwrap(), b"a");
    assert_eq!(nested().ok().unwrap().0.count(), 3);
    assert_eq!(patterns(P { a: 1, b: "bb".into() }, (3, vec![]), [1, 2, 3], 0, 2).unwrap(), 1 + 2 + 1 + 1 + 2 + 2);
    assert_eq!(task(((1, 2), 3), P { a: 1, b: "b".into() }, &1).unwrap(), 1);
    let _ = atask(vec![], (1, 2));
    let mut s = Shop("x");
    let _ = (s.a().is_err(), s.b("3").is_ok(), s.c());
    drop(s.e());
    assert_eq!(s.d(), "x");
    let _ = Where { t: 1u8, u: 2u8 };
    let _ = NoWhere(1u8);
}
