//! Commands and caches of redis: spans with hit or miss, size and time to live; slow and failed commands.
//!
//! [`Monitored`] stands around any connection of the `redis` crate, asynchronous or not (multiplexed, managed, from a pool), and
//! is a connection itself: commands, pipelines and transactions are written as before.
//!
//! ```no_run
//! use redis::AsyncCommands;
//! use watchpost::redis::Monitored;
//!
//! # async fn f() -> redis::RedisResult<()> {
//! let client = redis::Client::open("redis://127.0.0.1/")?;
//! let connection = client.get_multiplexed_async_connection().await?;
//! let mut cache = Monitored::new(connection).connected_to(&client);
//! // Below an open span: `cache.get`, described as `user:*`, with `cache.hit` and `cache.item_size`.
//! let user: Option<String> = cache.get("user:17").await?;
//! # Ok(()) }
//! ```
//!
//! # What is recorded
//! One span a command, or one a pipeline, as a child of the span that is open; nothing where none is. Names are those of Sentry's
//! [conventions](https://getsentry.github.io/sentry-conventions/) and of its
//! [caches module](https://develop.sentry.dev/sdk/telemetry/traces/modules/caches/).
//!
//! | op | commands | description |
//! |---|---|---|
//! | `cache.get` | `GET GETEX GETDEL GETRANGE MGET HGET HMGET HGETALL EXISTS HEXISTS JSON.GET JSON.MGET` | keys |
//! | `cache.put` | `SET SETEX PSETEX SETNX GETSET MSET MSETNX HSET HSETNX HMSET JSON.SET` | keys |
//! | `cache.remove` | `DEL UNLINK HDEL JSON.DEL` | keys |
//! | `cache.flush` | `FLUSHDB FLUSHALL` | command |
//! | `db.redis` | every other; pipelines and transactions | command and key; `PIPELINE GET INCR`, `MULTI SET INCR` |
//!
//! | attribute | what |
//! |---|---|
//! | `cache.key` | the keys, as templates, each once, at most ten |
//! | `cache.hit` | of `cache.get`: everything that was asked for was there |
//! | `redis.keys.requested`, `redis.keys.found` | where a command asks for several: a partial hit |
//! | `cache.item_size` | bytes of the reply, or of the value that is written |
//! | `cache.ttl` | seconds, where the command gives a time to live |
//! | `cache.write` | of `cache.put`: whether it was written; `SET .. NX` may not |
//! | `cache.operation` | `get`, `put`, `remove`, `flush` |
//! | `db.system.name`, `db.operation.name`, `db.namespace` | `redis`, the command, the number of the database |
//! | `db.redis.key` | of `db.redis`: the key, as a template |
//! | `db.operation.batch.size` | how many commands a pipeline has |
//! | `db.response.status_code`, `error.type` | the server's error code (`WRONGTYPE`), or what failed on the way |
//! | `network.peer.address`, `network.peer.port` | the server, by [`connected_to`](Monitored::connected_to) |
//!
//! Values are never recorded, nor any argument but keys. Keys often are somebody's (`user:alice@example.com`): of each only a
//! template leaves, its first segment where that is a word and `*` for the rest (`user:*`), and `*` alone where there is but one.
//! [`key_template`](Monitored::key_template) says it better for one's own keys; [`full_keys`](Monitored::full_keys) sends them.
//!
//! # Errors
//! A command that fails is reported where it occurs, once, with the category `cache` and the server's code: an annotated function that
//! returns the error, or one made of it, does not report it again. Errors of the server are found where the crate hides them, in
//! answers that are `Ok`, also inside of a pipeline. Where a cache that is away is no error,
//! [`report_errors(false)`](Monitored::report_errors) leaves it to whoever gets the error. The span has status and code either way,
//! and a breadcrumb is left.
//!
//! A command that takes longer than 500 ms ([`slow_after`](Monitored::slow_after)) leaves a breadcrumb, and a warning event "Slow
//! cache operation: GET user:*", category `cache`, once a minute for each command and template; one that is to wait (`BLPOP`,
//! `XREAD BLOCK`) does not.
//!
//! # Limits
//! Hits and misses inside a pipeline are not told. A subscription's messages are no commands, and neither is `MONITOR`.

mod aio;
mod command;
mod failure;
mod keys;
mod reply;
mod sync;
mod watch;
mod wire;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::{Client, ConnectionAddr};

/// How long a command may take before it is told to be slow.
const SLOW: Duration = Duration::from_millis(500);

/// A connection whose commands are watched; see the [module](self).
#[derive(Clone, Debug)]
pub struct Monitored<C> {
    connection: C,
    // Shared: connections are cloned for each use.
    settings: Arc<Settings>,
}

impl<C> Monitored<C> {
    /// Watches the commands of this connection.
    pub fn new(connection: C) -> Self {
        Self { connection, settings: Arc::default() }
    }

    /// Says on the spans which server it is: `network.peer.address` and `network.peer.port`, as the client has them. User and
    /// password are not looked at.
    #[must_use]
    pub fn connected_to(mut self, client: &Client) -> Self {
        let peer = match client.get_connection_info().addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                Some((host.clone(), Some(*port)))
            }
            ConnectionAddr::Unix(path) => Some((path.display().to_string(), None)),
            _ => None,
        };
        Arc::make_mut(&mut self.settings).peer = peer;
        self
    }

    /// Says how a key becomes one that may leave and that many share: `user:17` -> `user:*`.
    ///
    /// The function runs on every recorded, slow or failed command. If it panics, the key is `*`.
    ///
    /// ```
    /// # struct Connection;
    /// use watchpost::redis::Monitored;
    ///
    /// let cache = Monitored::new(Connection).key_template(|key| match key.split_once(':') {
    ///     Some(("slots", day)) => format!("slots:{day}").into(),
    ///     _ => watchpost::redis::template(key),
    /// });
    /// ```
    #[must_use]
    pub fn key_template(mut self, template: impl Fn(&str) -> Cow<'_, str> + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.settings).template = keys::Template::Own(Arc::new(template));
        self
    }

    /// Sends keys as they are, cut at 200 characters. They must not be anybody's: what leaves is still redacted, but a name does
    /// not look like a secret.
    #[must_use]
    pub fn full_keys(mut self) -> Self {
        Arc::make_mut(&mut self.settings).template = keys::Template::Full;
        self
    }

    /// Only keys with one of these beginnings are of a cache; the commands of all others are `db.redis`. For a server that is a
    /// cache and a database at once. Without a word of this all keys are of a cache.
    #[must_use]
    pub fn cache_prefixes<P: Into<Box<str>>>(mut self, prefixes: impl IntoIterator<Item = P>) -> Self {
        Arc::make_mut(&mut self.settings).prefixes = prefixes.into_iter().map(Into::into).collect();
        self
    }

    /// A command that takes longer is told; none to tell of none. 500 ms where nothing is said.
    #[must_use]
    pub fn slow_after(mut self, limit: impl Into<Option<Duration>>) -> Self {
        Arc::make_mut(&mut self.settings).slow_after = limit.into();
        self
    }

    /// Whether failed commands are reported as error events of category `cache`, which they are where nothing is said; see
    /// [errors](self#errors).
    #[must_use]
    pub fn report_errors(mut self, yes: bool) -> Self {
        Arc::make_mut(&mut self.settings).report = yes;
        self
    }

    /// The connection.
    pub fn get_ref(&self) -> &C {
        &self.connection
    }

    /// The connection, for what is not to be watched.
    pub fn get_mut(&mut self) -> &mut C {
        &mut self.connection
    }

    /// The connection alone.
    pub fn into_inner(self) -> C {
        self.connection
    }
}

/// What may leave of a key where nothing else is said: its first segment, up to a `:`, `/` or `|`, where that is a word of letters, and
/// `*` for the rest.
///
/// ```
/// use watchpost::redis::template;
///
/// assert_eq!(template("user:alice@example.com"), "user:*");
/// assert_eq!(template("{booking:17}:slots"), "booking:*");
/// assert_eq!(template("alice"), "*");
/// assert_eq!(template("4711:name"), "*");
/// ```
pub fn template(key: &str) -> Cow<'_, str> {
    keys::template(key)
}

#[derive(Clone)]
struct Settings {
    template: keys::Template,
    prefixes: Vec<Box<str>>,
    slow_after: Option<Duration>,
    report: bool,
    peer: Option<(String, Option<u16>)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            template: keys::Template::default(),
            prefixes: Vec::new(),
            slow_after: Some(SLOW),
            report: true,
            peer: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("prefixes", &self.prefixes)
            .field("slow_after", &self.slow_after)
            .field("report", &self.report)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
