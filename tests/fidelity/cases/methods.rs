use std::rc::Rc;
use std::sync::Arc;

use crate::support::{Bare, block_on, later};

#[derive(Debug, Default, Clone, PartialEq)]
struct Store<T> {
    list: Vec<T>,
    count: usize,
}

impl<T: Clone + PartialEq> Store<T> {
    const LIMIT: usize = 3;

    #[watch]
    fn new(list: Vec<T>) -> Result<Self, Bare> {
        let count = list.len();
        if count > Self::LIMIT { Err(Bare) } else { Ok(Self { list, count }) }
    }

    #[watch_plain]
    fn new_plain() -> Self {
        Self { list: Vec::new(), count: 0 }
    }

    #[watch]
    fn first(&self) -> Result<&T, Bare> {
        self.list.first().ok_or(Bare)
    }

    #[watch_plain]
    fn all(&self) -> &[T] {
        &self.list
    }

    #[watch]
    fn first_mut(&mut self) -> Result<&mut T, Bare> {
        self.count += 1;
        self.list.first_mut().ok_or(Bare)
    }

    #[watch]
    fn push(&mut self, value: T) -> Result<&mut Self, Bare> {
        self.list.push(value);
        Ok(self)
    }

    #[watch]
    fn into_list(mut self, value: T) -> Result<Vec<T>, Bare> {
        self.list.push(value);
        Ok(self.list)
    }

    #[watch]
    fn shared(self: &Rc<Self>) -> Result<Rc<Self>, Bare> {
        Ok(Rc::clone(self))
    }

    #[watch]
    fn arc(self: Arc<Self>) -> Result<usize, Bare> {
        Ok(self.list.len())
    }

    #[watch]
    fn pinned(self: std::pin::Pin<&mut Self>) -> Result<usize, Bare>
    where
        T: Unpin,
    {
        Ok(std::pin::Pin::into_inner(self).count)
    }

    #[watch]
    fn typed(self: &mut Self) -> Result<usize, Bare> {
        self.count += 1;
        Ok(self.count)
    }

    #[watch]
    fn each<F>(&self, mut f: F) -> Result<usize, Bare>
    where
        F: FnMut(&T) -> bool,
    {
        Ok(self.list.iter().filter(|one| f(one)).count())
    }

    #[watch]
    fn find<'s>(&'s self, other: &T) -> Result<&'s T, Bare> {
        self.list.iter().find(|one| *one == other).ok_or(Bare)
    }

    #[watch]
    async fn wait(&mut self, value: T) -> Result<&T, Bare> {
        later().await;
        self.list.push(value);
        self.list.last().ok_or(Bare)
    }

    #[watch]
    async fn wait_owned(mut self, value: T) -> Result<Self, Bare> {
        self.list.push(value);
        later().await;
        Ok(self)
    }
}

trait Shape {
    const SIDES: u32;
    type Unit;

    fn bare(&self) -> u32;

    #[watch]
    fn sides(&self) -> Result<u32, Bare> {
        Ok(Self::SIDES + self.bare())
    }

    #[watch]
    fn sized(self, n: u32) -> Result<(Self, u32), Bare>
    where
        Self: Sized,
    {
        Ok((self, n))
    }

    #[watch_plain]
    fn unit(&self) -> Option<Self::Unit> {
        None
    }

    #[watch]
    fn stat(n: u32) -> Result<u32, Bare> {
        Ok(n + Self::SIDES)
    }
}

#[derive(Clone, Copy)]
struct Square;

impl Shape for Square {
    const SIDES: u32 = 4;
    type Unit = u8;

    #[watch_plain]
    fn bare(&self) -> u32 {
        1
    }

    #[watch_plain]
    fn unit(&self) -> Option<Self::Unit> {
        Some(7)
    }
}

trait Waits {
    async fn wait(&self, n: u32) -> Result<u32, Bare>;

    #[watch]
    async fn wait_twice(&self, n: u32) -> Result<u32, Bare> {
        Ok(self.wait(n).await? + self.wait(n).await?)
    }
}

impl Waits for Square {
    #[watch]
    async fn wait(&self, n: u32) -> Result<u32, Bare> {
        later().await;
        Ok(n)
    }
}

#[async_trait::async_trait]
trait Boxes: Sync {
    async fn load(&self, key: &str) -> Result<String, Bare>;
    async fn count(&self) -> usize;

    #[watch]
    async fn load_twice(&self, key: &str) -> Result<String, Bare> {
        let first = self.load(key).await?;
        Ok(first + &self.load(key).await?)
    }
}

#[async_trait::async_trait]
impl Boxes for Square {
    #[watch]
    async fn load(&self, key: &str) -> Result<String, Bare> {
        later().await;
        if key.is_empty() {
            return Err(Bare);
        }
        Ok(key.to_owned())
    }

    #[watch_plain]
    async fn count(&self) -> usize {
        later().await;
        Self::SIDES as usize
    }
}

#[async_trait::async_trait(?Send)]
trait Local {
    async fn local<'a>(&mut self, text: &'a str) -> Result<&'a str, Bare>;
}

#[async_trait::async_trait(?Send)]
impl Local for Store<u32> {
    #[watch]
    async fn local<'a>(&mut self, text: &'a str) -> Result<&'a str, Bare> {
        let rc = Rc::new(self.count);
        later().await;
        self.count += *rc;
        Ok(text)
    }
}

impl std::fmt::Display for Square {
    #[watch]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "square")
    }
}

impl Iterator for Store<u32> {
    type Item = u32;

    #[watch_plain]
    fn next(&mut self) -> Option<Self::Item> {
        self.list.pop()
    }
}

impl std::str::FromStr for Store<u32> {
    type Err = std::num::ParseIntError;

    #[watch]
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Store { list: vec![text.parse()?], count: 1 })
    }
}

pub fn observe() -> Vec<String> {
    let mut store = Store::new(vec![1, 2]).ok().unwrap_or_else(Store::new_plain);
    if let Ok(first) = store.first_mut() {
        *first = 9;
    }
    let pushed = store.push(3).ok().map(|store| store.count);
    let waited = block_on(store.wait(4)).ok().copied();
    let owned = block_on(store.clone().wait_owned(5)).ok();
    let rc = Rc::new(store.clone());
    let local = block_on(store.local("local")).ok();
    vec![
        format!("{:?} {:?}", store, Store::new(vec![1, 2, 3, 4]).ok()),
        format!("{:?} {:?} {:?}", store.first().ok(), store.all(), store.find(&3).ok()),
        format!("{:?} {:?} {:?} {:?}", pushed, waited, owned, local),
        format!("{:?} {:?}", rc.shared().ok().map(|rc| rc.count), Arc::new(store.clone()).arc().ok()),
        format!("{:?} {:?}", store.typed().ok(), std::pin::Pin::new(&mut store).pinned().ok()),
        format!("{:?} {:?}", store.each(|n| *n > 2).ok(), store.clone().into_list(8).ok()),
        format!("{:?} {:?} {:?}", Square.sides().ok(), Square.sized(2).ok().map(|pair| pair.1), Square.unit()),
        format!("{:?} {:?}", Square::stat(2).ok(), block_on(Waits::wait_twice(&Square, 3)).ok()),
        format!("{:?} {:?}", block_on(Square.load_twice("k")).ok(), block_on(Square.load("")).ok()),
        format!("{:?} {} {:?}", block_on(Square.count()), Square, store.next()),
        format!("{:?} {:?}", "5".parse::<Store<u32>>(), "x".parse::<Store<u32>>()),
    ]
}
