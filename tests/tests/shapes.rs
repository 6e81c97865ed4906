#![deny(warnings)]
use std::future::Future;
use std::pin::Pin;
use watchpost::{capture_errors, monitor_performance, monitored_task};

#[monitor_performance]
fn plain(a: u32) -> u32 {
    a + 1
}

#[monitor_performance("named", op = "business.x", slow = "500ms", fields(a, b = %b, c = ?b), metric, root, scope)]
#[capture_errors(category = "payment", level = "warning", tags(a), args(a, b), ignore = std::fmt::Error, fingerprint = ["x", err.to_string()])]
fn result(a: u32, mut b: String) -> Result<u32, std::fmt::Error> {
    b.push('x');
    if a == 0 {
        return Err(std::fmt::Error);
    }
    Ok(a)
}

#[capture_errors]
#[monitor_performance]
async fn asynchronous<'a>(
    a: &'a str,
    (b, _): (String, String),
    _: String,
    _d: String,
) -> Result<&'a str, Box<dyn std::error::Error + Send + Sync>> {
    std::future::ready(()).await;
    if b.is_empty() {
        return Ok(a);
    }
    Ok(a)
}

struct S {
    x: Vec<u32>,
}
impl S {
    #[monitor_performance(fields(n = self.x.len()))]
    fn get(&self) -> &[u32] {
        &self.x
    }
    #[capture_errors]
    fn get_mut(&mut self) -> Result<&mut [u32], ()> {
        Ok(&mut self.x)
    }
    #[capture_errors]
    fn own(self) -> Result<Vec<u32>, ()> {
        Ok(self.x)
    }
}
type Alias<T> = Result<T, String>;
type Num = u64;
#[monitor_performance]
fn alias<T: Clone>(t: &T) -> Alias<T> {
    Ok(t.clone())
}
#[monitor_performance]
fn num() -> Num {
    5
}
#[capture_errors]
fn alias2<T: Clone, E>(t: &T, e: E) -> Result<T, E> {
    if false {
        return Err(e);
    }
    Ok(t.clone())
}

#[async_trait::async_trait]
trait T {
    async fn go(&self, n: u32) -> Result<u32, String>;
    async fn def(&self) -> u32
    where
        Self: Sync,
    {
        5
    }
}
#[async_trait::async_trait]
impl T for S {
    #[monitor_performance(fields(n))]
    #[capture_errors(tags(n))]
    async fn go(&self, n: u32) -> Result<u32, String> {
        Ok(n)
    }
    #[monitor_performance]
    async fn def(&self) -> u32 {
        6
    }
}
#[monitor_performance]
fn boxed<'a>(a: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    let n = a.len();
    Box::pin(async move { n })
}
#[capture_errors]
fn opaque(a: u32) -> impl Future<Output = Result<u32, String>> {
    async move { Ok(a) }
}

struct Job {
    id: String,
    attempt: u32,
}
#[monitored_task("mail", queue = "notifications", id = job.id, attempt = job.attempt, max_attempts = 5, report = "last_attempt")]
async fn task(job: &Job) -> Result<(), String> {
    let _ = job;
    Ok(())
}
#[monitored_task(cron = "0 3 * * *", slug = "n", timezone = "Europe/Berlin", checkin_margin = "5m", max_runtime = "30m", id = j.id)]
fn task2((j, _): (Job, u32)) {
    drop(j);
}
#[monitored_task(id = j.id, attempt = n)]
fn task3((mut j, n): (Job, u32)) -> Result<String, ()> {
    j.id.push('x');
    let _ = n;
    Ok(j.id)
}
#[capture_errors(late, fields(a, code = err.len(), d), args(a))]
fn late(a: u32, d: String) -> Result<(), String> {
    let _ = a;
    Ok(())
}
#[capture_errors(late, fields(a, code = err.len(), d), args(a))]
async fn late_async(a: u32, d: String) -> Result<(), String> {
    let _ = a;
    Ok(())
}
#[monitor_performance]
fn never() -> ! {
    panic!("x")
}
#[monitor_performance]
async fn never_async() -> ! {
    std::future::ready(()).await;
    panic!("x")
}

struct B<T>(T);
#[monitor_performance(op = "business")]
#[capture_errors(category = "b")]
impl<T: Clone> B<T> {
    const X: bool = !false;
    fn new(t: T) -> Self {
        Self(t)
    }
    fn get(&self) -> Result<T, ()> {
        assert!(Self::X);
        Ok(self.0.clone())
    }
    #[monitor_performance(skip)]
    const fn c(&self) -> &T {
        &self.0
    }
    #[monitor_performance("own", fields(n))]
    async fn n(&self, n: u32) -> u32 {
        n
    }
}

#[test]
fn it_runs() {
    assert_eq!(plain(1), 2);
    assert!(result(1, String::new()).is_ok());
    let mut s = S { x: vec![1] };
    assert_eq!(s.get(), [1]);
    s.get_mut().unwrap();
    let _ = s.own();
    alias(&4).unwrap();
    num();
    let _ = alias2(&4, 3);
    let _ = (asynchronous("x", (String::new(), String::new()), String::new(), String::new()), boxed("x"), opaque(4));
    let _ = S { x: vec![] }.go(4);
    let _ = S { x: vec![] }.def();
    let _ = task(&Job { id: String::new(), attempt: 4 });
    task2((Job { id: String::new(), attempt: 4 }, 4));
    let _ = task3((Job { id: String::new(), attempt: 4 }, 4));
    let _ = (late(4, String::new()), late_async(4, String::new()), never_async());
    let b = B::new(4);
    b.get().unwrap();
    b.c();
    let _ = b.n(4);
    if false {
        never()
    }
}
