use crate::support::{Bare, Noted, block_on, later, note, noted, poll_once};

#[watch]
fn arguments(a: Noted, b: Noted, c: Noted) -> Result<usize, Bare> {
    note("body");
    Ok(b.touch())
}

#[watch]
fn ignored(a: Noted, _: Noted, _c: Noted, (d, _): (Noted, Noted)) -> Result<(), Bare> {
    note("body");
    let _ = (&a, &d);
    Ok(())
}

#[watch_plain]
fn ignored_plain(a: Noted, _: Noted, _c: Noted, (d, _): (Noted, Noted)) -> usize {
    note("body");
    a.touch() + d.touch()
}

#[watch]
fn moved(a: Noted, b: Noted, c: Noted) -> Result<Noted, Bare> {
    drop(a);
    note("body");
    let _kept = c;
    Ok(b)
}

#[watch]
fn tail() -> Result<usize, Bare> {
    let local = Noted("local");
    Ok(Noted("temporary").pass(local.touch()))
}

#[watch_plain]
fn tail_plain() -> usize {
    let local = Noted("local");
    Noted("temporary").pass(local.touch())
}

#[watch]
fn tail_of_argument(argument: Noted) -> Result<usize, Bare> {
    let _local = Noted("local");
    match Noted("scrutinee").pass(argument.touch()) {
        0 => Err(Bare),
        n => Ok(Noted("arm").pass(n)),
    }
}

#[watch]
fn early(a: Noted, fail: bool) -> Result<usize, Bare> {
    let _local = Noted("local");
    if fail {
        return Err(Noted("temporary").pass(Bare));
    }
    Ok(a.touch())
}

#[watch]
async fn awaited(a: Noted, _: Noted, (c, _): (Noted, Noted), _d: Noted) -> Result<usize, Bare> {
    note("body");
    let _local = Noted("local");
    later().await;
    Ok(Noted("temporary").pass(a.touch() + c.touch()))
}

#[watch_plain]
async fn awaited_plain(a: Noted, b: Noted) -> usize {
    let local = Noted("local");
    later().await;
    Noted("temporary").pass(local.touch() + b.touch() + a.touch())
}

#[watch]
async fn unused(a: Noted, b: Noted) -> Result<(), Bare> {
    later().await;
    note("body");
    Ok(())
}

struct Pair {
    first: Noted,
    #[allow(dead_code)]
    second: Noted,
}

impl Pair {
    fn new() -> Self {
        Pair { first: Noted("first"), second: Noted("second") }
    }

    #[watch]
    fn take(self, a: Noted) -> Result<Noted, Bare> {
        let first = self.first;
        note("body");
        drop(a);
        Ok(first)
    }

    #[watch]
    fn keep(self, a: Noted) -> Result<usize, Bare> {
        note("body");
        Ok(self.first.touch() + a.touch())
    }

    #[watch]
    fn ignore(self, a: Noted) -> Result<(), Bare> {
        note("body");
        Ok(())
    }

    #[watch]
    async fn keep_async(self, a: Noted) -> Result<usize, Bare> {
        later().await;
        Ok(self.first.touch())
    }

    #[watch_plain]
    fn keep_plain(self, _: Noted, a: Noted) -> usize {
        self.first.touch() + a.touch()
    }

    #[watch]
    fn boxed(self: Box<Self>, a: Noted) -> Result<usize, Bare> {
        note("body");
        Ok(self.first.touch())
    }
}

#[allow(unused_variables)]
pub fn observe() -> Vec<String> {
    let n = Noted;
    vec![
        noted("arguments", || arguments(n("a"), n("b"), n("c")).is_ok()),
        noted("ignored", || ignored(n("a"), n("_"), n("_c"), (n("d"), n("d2"))).is_ok()),
        noted("ignored, plain", || ignored_plain(n("a"), n("_"), n("_c"), (n("d"), n("d2")))),
        noted("moved", || moved(n("a"), n("b"), n("c")).is_ok()),
        noted("tail", || tail().is_ok()),
        noted("tail, plain", tail_plain),
        noted("tail of an argument", || tail_of_argument(n("argument")).is_ok()),
        noted("early", || early(n("a"), true).is_ok()),
        noted("not early", || early(n("a"), false).is_ok()),
        noted("awaited", || block_on(awaited(n("a"), n("_"), (n("c"), n("c2")), n("_d"))).is_ok()),
        noted("awaited, dropped unpolled", || drop(awaited(n("a"), n("_"), (n("c"), n("c2")), n("_d")))),
        noted("awaited, dropped on its way", || poll_once(awaited(n("a"), n("_"), (n("c"), n("c2")), n("_d")))),
        noted("awaited, plain", || block_on(awaited_plain(n("a"), n("b")))),
        noted("awaited, plain, dropped on its way", || poll_once(awaited_plain(n("a"), n("b")))),
        noted("unused", || block_on(unused(n("a"), n("b"))).is_ok()),
        noted("self taken apart", || Pair::new().take(n("a")).is_ok()),
        noted("self kept", || Pair::new().keep(n("a")).is_ok()),
        noted("self ignored", || Pair::new().ignore(n("a")).is_ok()),
        noted("self in a future", || block_on(Pair::new().keep_async(n("a"))).is_ok()),
        noted("self in a future dropped on its way", || poll_once(Pair::new().keep_async(n("a")))),
        noted("self, plain", || Pair::new().keep_plain(n("_"), n("a"))),
        noted("boxed self", || Box::new(Pair::new()).boxed(n("a")).is_ok()),
    ]
}
