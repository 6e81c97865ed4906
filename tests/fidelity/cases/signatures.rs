use crate::support::{Bare, Noted, block_on, later, panicked};

/// Documented before,
#[watch]
/// and after.
#[inline]
#[must_use = "kept"]
#[allow(non_snake_case, clippy::many_single_char_names)]
pub(crate) fn Attributes(a: u32) -> Result<u32, Bare> {
    Ok(a)
}

#[watch]
unsafe fn not_safe(pointer: *const u32) -> Result<u32, Bare> {
    if pointer.is_null() {
        return Err(Bare);
    }
    Ok(unsafe { *pointer })
}

#[watch]
extern "C" fn foreign(n: u32) -> Result<u32, u8> {
    Ok(n)
}

#[watch_plain]
pub extern "C" fn foreign_plain(n: u32) -> u32 {
    n
}

#[watch]
fn r#type(r#match: u32, r#mut: &str) -> Result<u32, Bare> {
    if r#mut.is_empty() { Err(Bare) } else { Ok(r#match) }
}

struct Point {
    x: u32,
    y: u32,
}

struct Unit;

#[watch]
fn patterns(
    Point { x, y: mut up }: Point,
    (a, mut b): (u32, u32),
    [first, .., last]: [u32; 3],
    &(c, ref d): &(u32, String),
    ref e: u32,
    ref mut f: u32,
    whole @ (_, _): (u32, u32),
    Unit: Unit,
    _: u32,
    _unused: u32,
) -> Result<u32, Bare> {
    up += 1;
    b += 1;
    *f += 1;
    Ok(x + up + a + b + first + last + c + d.len() as u32 + *e + *f + whole.0)
}

#[watch]
async fn patterns_async(
    Point { x, y: mut up }: Point,
    (a, mut b): (u32, u32),
    &(c, ref d): &(u32, String),
    mut e: u32,
    _: Noted,
) -> Result<u32, Bare> {
    later().await;
    up += 1;
    b += 1;
    e += 1;
    Ok(x + up + a + b + c + d.len() as u32 + e)
}

#[watch]
fn configured(a: u32, #[cfg(any())] b: Nowhere, #[cfg(all())] c: u32) -> Result<u32, Bare> {
    Ok(a + c)
}

#[watch]
async fn configured_async(#[cfg(any())] b: Nowhere, #[cfg(all())] c: u32, #[allow(unused_variables)] d: u32) -> Result<u32, Bare> {
    later().await;
    Ok(c)
}

#[watch]
fn inner_attributes(a: u32) -> Result<u32, Bare> {
    //! Documented inside.
    #![allow(unused_variables)]
    let unused = a;
    Ok(a)
}

#[watch]
fn items() -> Result<u32, Bare> {
    use std::fmt::Write;
    const N: u32 = 3;
    struct Inner(u32);
    impl Inner {
        fn get(&self) -> u32 {
            self.0
        }
    }
    fn helper(n: u32) -> u32 {
        n + N
    }
    macro_rules! twice {
        ($n:expr) => {
            $n * 2
        };
    }
    let mut text = String::new();
    let _ = write!(text, "{}", 1);
    Ok(twice!(helper(Inner(1).get())) + text.len() as u32)
}

macro_rules! made {
    ($name:ident, $arg:ident: $ty:ty, $out:ty, $body:block) => {
        #[watch]
        fn $name($arg: $ty, other: u32) -> $out {
            let _ = other;
            $body
        }
    };
}

made!(from_a_macro, n: u32, Result<u32, Bare>, {
    let doubled = n * 2;
    Ok(doubled)
});

macro_rules! whole {
    ($vis:vis $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block) => {
        #[watch]
        $vis fn $name($($arg: $ty),*) -> $out $body
    };
    (async $name:ident($arg:pat => $ty:ty) -> $out:ty $body:block) => {
        #[watch]
        async fn $name($arg: $ty) -> $out $body
    };
    ($($item:item)*) => { $(#[watch] $item)* };
}

whole!(pub(crate) body_from_a_macro(n: u32, text: &str) -> Result<usize, Bare> {
    if text.is_empty() {
        return Err(Bare);
    }
    Ok(text.len() + n as usize)
});

whole!(async body_from_a_macro_async((a, mut b) => (u32, u32)) -> Result<u32, Bare> {
    later().await;
    b += a;
    Ok(b)
});

whole! {
    fn item_from_a_macro(n: u32) -> Result<u32, Bare> {
        Ok(n)
    }
}

#[watch]
fn shadows(enter: u32, observe: u32, __call: u32, err: u32, face: u32) -> Result<u32, Bare> {
    Ok(enter + observe + __call + err + face)
}

#[watch_plain]
#[track_caller]
fn caller() -> u32 {
    std::panic::Location::caller().line()
}

#[watch_plain]
#[track_caller]
fn caller_named() -> std::num::NonZeroU32 {
    let line = std::panic::Location::caller().line();
    match std::num::NonZeroU32::new(line) {
        Some(line) => line,
        None => unreachable!(),
    }
}

#[watch_caller]
#[track_caller]
fn caller_result() -> Result<u32, Bare> {
    Ok(std::panic::Location::caller().line())
}

#[track_caller]
#[watch_caller]
fn caller_opaque() -> impl Fn() -> u32 {
    let line = std::panic::Location::caller().line();
    move || line
}

struct Caller;

impl Caller {
    #[track_caller]
    #[watch_plain]
    fn line(&self, _: Noted) -> u32 {
        std::panic::Location::caller().line()
    }

    #[watch_plain]
    #[track_caller]
    fn panics(&self) {
        panic!("{}", std::panic::Location::caller().line());
    }
}

#[watch]
unsafe fn not_safe_inside(pointer: *const u32) -> Result<u32, Bare> {
    Ok(*pointer)
}

#[watch_plain]
unsafe fn not_safe_plain(pointer: *const u32) -> u32 {
    *pointer
}

#[watch]
async unsafe fn not_safe_async(pointer: *const u32) -> Result<u32, Bare> {
    later().await;
    Ok(*pointer)
}

#[cfg(target_arch = "x86_64")]
#[watch]
#[target_feature(enable = "sse2")]
fn features(n: u32) -> Result<u32, Bare> {
    #[target_feature(enable = "sse2")]
    fn more(n: u32) -> u32 {
        n + 1
    }
    Ok(more(n))
}
#[cfg(not(target_arch = "x86_64"))]
unsafe fn features(n: u32) -> Result<u32, Bare> {
    Ok(n + 1)
}

#[cold]
#[watch]
#[cfg_attr(all(), inline(never), doc = "Never.")]
#[deprecated]
#[cfg(all())]
fn many_attributes(n: u32) -> Result<u32, Bare> {
    Ok(n)
}

#[watch]
#[cfg(any())]
fn many_attributes(n: Nowhere) -> Result<Nowhere, Bare> {
    Nothing
}

pub fn observe() -> Vec<String> {
    let five = (5, "five".to_owned());
    let pattern = patterns(Point { x: 1, y: 2 }, (3, 4), [5, 6, 7], &five, 8, 9, (10, 11), Unit, 12, 13);
    let waiting = patterns_async(Point { x: 1, y: 2 }, (3, 4), &five, 8, Noted("_"));
    vec![
        format!("{:?}", Attributes(1).ok()),
        format!("{:?} {:?}", unsafe { not_safe(&5) }.ok(), unsafe { not_safe(std::ptr::null()) }.ok()),
        format!("{:?} {}", foreign(1), foreign_plain(2)),
        format!("{:?} {:?}", r#type(1, "x").ok(), r#type(1, "").ok()),
        format!("{:?} {:?}", pattern.ok(), block_on(waiting).ok()),
        format!("{:?} {:?}", configured(1, 2).ok(), block_on(configured_async(3, 4)).ok()),
        format!("{:?} {:?}", inner_attributes(1).ok(), items().ok()),
        format!("{:?}", from_a_macro(1, 2).ok()),
        format!("{:?} {:?}", body_from_a_macro(1, "a").ok(), body_from_a_macro(1, "").ok()),
        format!("{:?} {:?}", block_on(body_from_a_macro_async((1, 2))).ok(), item_from_a_macro(3).ok()),
        format!("{:?}", shadows(1, 2, 3, 4, 5).ok()),
        format!("{}", i64::from(caller()) - i64::from(line!())),
        format!("{}", i64::from(caller_named().get()) - i64::from(line!())),
        format!("{:?}", caller_result().map(|line| i64::from(line) - i64::from(line!())).ok()),
        format!("{}", i64::from(caller_opaque()()) - i64::from(line!())),
        format!("{}", i64::from(Caller.line(Noted("_"))) - i64::from(line!())),
        format!("{}", panicked(|| Caller.panics())),
        format!("{:?} {}", unsafe { not_safe_inside(&1) }.ok(), unsafe { not_safe_plain(&2) }),
        format!("{:?} {:?}", block_on(unsafe { not_safe_async(&3) }).ok(), unsafe { features(4) }.ok()),
        format!("{:?}", many_attributes(1).ok()),
    ]
}
