//! A recording receiver: takes Sentry envelopes over HTTP on loopback and keeps what was in them.
//!
//! It runs in the process that starts it, on a thread of its own, and speaks plain HTTP. It keeps the envelope endpoint's
//! rules (compressed bodies, item lengths, unknown item types are kept) and misbehaves on request.
//!
//! ```no_run
//! use std::time::Duration;
//! use watchpost_cli::receiver::{Failure, Receiver};
//!
//! let receiver = Receiver::start(0)?;
//! println!("SENTRY_DSN={}", receiver.dsn());
//! receiver.fail(Failure::Status(503));
//! receiver.recover();
//! let arrived = receiver.wait_for(Duration::from_secs(5), |items| items.iter().any(|item| item.kind == "event"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod encoding;
mod envelope;
mod failure;
mod item;
mod server;
#[cfg(test)]
mod server_tests;
mod site;
mod store;

pub use envelope::{Envelope, Malformed, RawItem};
pub use failure::{Failure, Turn, UnknownFailure};
pub use item::{Item, Payload};
pub use site::{Document, Visit};
pub use store::{Answer, Request};

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use server::Desk;
use store::Store;
use tokio::sync::oneshot;

/// A receiver at work. Dropping it closes the port; clients that wait for an answer are cut off.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    store: Arc<Store>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    /// Listens on loopback; port 0 lets the system choose one.
    ///
    /// # Errors
    /// When the port is taken or may not be opened.
    pub fn start(port: u16) -> io::Result<Self> {
        Self::start_with(port, |_| None)
    }

    /// As [`Receiver::start`], with documents for whoever asks with GET. Such requests are not kept, unless there is no
    /// document for them.
    ///
    /// # Errors
    /// When the port is taken or may not be opened.
    pub fn start_with(
        port: u16,
        site: impl Fn(&Visit<'_>) -> Option<Document> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let store = Arc::new(Store::default());
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("watchpost-receiver".into()).spawn({
            let store = Arc::clone(&store);
            move || runtime.block_on(server::serve(listener, Arc::new(Desk { store, site: Box::new(site) }), stopped))
        })?;
        Ok(Self { address, store, stop: Some(stop), thread: Some(thread) })
    }

    /// From now on keeps so many of the newest items (an eighth more at times), and of requests little more than what became of them,
    /// without bodies and headers: for receivers that run all day.
    pub fn keep_newest(&self, items: usize) {
        self.store.limit(items);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The DSN that leads here.
    pub fn dsn(&self) -> String {
        format!("http://watchpost@{}/1", self.address)
    }

    /// Every item taken so far, in the order of arrival.
    pub fn items(&self) -> Vec<Item> {
        self.store.items()
    }

    /// Every request so far, refused ones included.
    pub fn requests(&self) -> Vec<Request> {
        self.store.requests()
    }

    /// Waits until `enough` says so of the items taken; `false` when `timeout` has passed first.
    pub fn wait_for(&self, timeout: Duration, enough: impl Fn(&[Item]) -> bool) -> bool {
        self.store.wait_for(timeout, enough)
    }

    /// The requests after the first `seen`, and the items that they brought, as soon as there are some; nothing when
    /// `timeout` has passed first.
    pub fn since(&self, seen: usize, timeout: Duration) -> (Vec<Request>, Vec<Item>) {
        self.store.since(seen, timeout)
    }

    /// Misbehaves from the next request on.
    pub fn fail(&self, failure: Failure) {
        self.store.fail([(failure, None)]);
    }

    /// Misbehaves for the next `times` requests.
    pub fn fail_times(&self, times: usize, failure: Failure) {
        self.store.fail([(failure, Some(times))]);
    }

    /// Misbehaves in several ways, one after the other, each for so many requests; one without a number has no end. After
    /// the last it behaves again.
    pub fn fail_in_turn(&self, failures: impl IntoIterator<Item = (Failure, Option<usize>)>) {
        self.store.fail(failures);
    }

    /// Behaves again.
    pub fn recover(&self) {
        self.store.fail([]);
    }

    /// Forgets all requests and items.
    pub fn clear(&self) {
        self.store.clear();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread is gone already where nobody listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic over there has printed itself; a second one here would hide it.
            let _ = thread.join();
        }
    }
}
