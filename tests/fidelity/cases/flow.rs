use crate::support::{Bare, block_on, here, later, panicked};

#[watch]
fn question(text: &str) -> Result<u32, std::num::ParseIntError> {
    let n: u32 = text.parse()?;
    Ok(n + 1)
}

#[watch]
fn labels(limit: u32) -> Result<u32, Bare> {
    let mut n = 0;
    let found = 'outer: loop {
        for i in 0..10 {
            if i == 3 {
                continue;
            }
            n += i;
            if n > limit {
                break 'outer n;
            }
            while n == 7 {
                n += 1;
                continue 'outer;
            }
        }
    };
    if found > 100 {
        return Err(Bare);
    }
    Ok(found)
}

#[watch_plain]
fn labels_plain(limit: u32) -> u32 {
    let mut n = 0;
    'outer: loop {
        for i in 0..10 {
            n += i;
            if n > limit {
                break 'outer;
            }
        }
    }
    n
}

#[watch_plain]
fn nothing(n: &mut u32) {
    if *n == 0 {
        return;
    }
    *n += 1;
}

#[watch_plain]
fn never(text: &'static str) -> ! {
    panic!("{}", text)
}

#[watch_plain]
async fn never_async() -> ! {
    later().await;
    panic!("never async")
}

#[watch]
fn diverges(fail: bool) -> Result<u32, Bare> {
    if fail {
        never("diverged")
    }
    loop {
        break Ok(3);
    }
}

#[watch]
fn only_panics() -> Result<u32, Bare> {
    panic!("only panics")
}

#[watch]
fn in_closures(values: &[u32]) -> Result<Vec<u32>, Bare> {
    let double = |n: &u32| {
        if *n == 0 {
            return 0;
        }
        n * 2
    };
    let mut made: Vec<u32> = values.iter().map(double).collect();
    made.retain(|n| *n > 0);
    if made.is_empty() { Err(Bare) } else { Ok(made) }
}

#[watch]
async fn asynchronous(n: u32) -> Result<u32, String> {
    for i in 0..n {
        later().await;
        if i == 5 {
            return Err(format!("at {}", i));
        }
    }
    let text: Result<u32, std::num::ParseIntError> = async { "7".parse() }.await;
    let seven = text.map_err(|err| err.to_string())?;
    Ok(seven + n)
}

#[watch]
fn lines() -> Result<u32, Bare> {
    let first = line!();
    let second = here();
    Ok(first * 1000 + (second - first))
}

#[watch]
async fn lines_async() -> Result<u32, Bare> {
    later().await; Ok(line!() - here())
}

#[watch]
fn questioned(n: Option<u32>) -> Result<u32, Box<dyn std::error::Error>> {
    let n = n.ok_or("none")?;
    let text: String = if n > 3 { Err("too many".to_owned())? } else { n.to_string() };
    Ok(text.parse::<u32>()?)
}

#[watch]
fn expression_only() -> Result<u32, Bare> { Ok(5) }

#[watch_plain]
fn expression_only_plain() -> u32 { 5 }

#[watch_plain]
fn empty() {}

#[watch]
fn never_err(n: u32) -> Result<u32, std::convert::Infallible> {
    Ok(n)
}

pub fn observe() -> Vec<String> {
    let base = lines().ok().unwrap_or(0);
    let mut n = 1;
    nothing(&mut n);
    let mut zero = 0;
    nothing(&mut zero);
    empty();
    vec![
        format!("{:?} {:?}", question("4"), question("x")),
        format!("{:?} {:?}", labels(20).ok(), labels(1000).ok()),
        format!("{}", labels_plain(20)),
        format!("{} {}", n, zero),
        panicked(|| never("never")),
        panicked(|| block_on(async { never_async().await })),
        panicked(|| drop(diverges(true))),
        format!("{:?}", diverges(false).ok()),
        panicked(|| drop(only_panics())),
        format!("{:?} {:?}", in_closures(&[1, 0, 2]).ok(), in_closures(&[0]).ok()),
        format!("{:?} {:?}", block_on(asynchronous(3)), block_on(asynchronous(9))),
        format!("{}", base % 1000),
        format!("{:?}", block_on(lines_async()).ok()),
        format!("{:?} {:?} {:?}", questioned(Some(1)).ok(), questioned(None).err().map(|e| e.to_string()), questioned(Some(4)).is_err()),
        format!("{:?} {} {:?}", expression_only().ok(), expression_only_plain(), never_err(3)),
    ]
}
