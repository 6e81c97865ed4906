//! Monitored pools.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::StreamExt as _;
use sqlx_core::connection::Connection;
use sqlx_core::database::Database;
use sqlx_core::describe::Describe;
use sqlx_core::error::Error;
use sqlx_core::executor::{Execute, Executor};
use sqlx_core::pool::{MaybePoolConnection, Pool, PoolConnection};
use sqlx_core::sql_str::SqlStr;
use sqlx_core::transaction::Transaction;

use super::describe;
use super::executor::{Monitor, ORIGIN, Step, TRANSACTION, drive, is_left_alone, optional};
use super::failure::failure;
use super::flow::{Flow, Outlet};
use super::marker::Marked;
use super::parts::Parts;
use super::transaction::{MonitoredConnection, MonitoredPoolConnection, MonitoredTransaction};
use crate::capture::{Pace, capture_notice};
use crate::sql::{self, Limits};
use crate::{Level, SpanStatus, ToValue, add_context, set_tag, span, with_scope};

/// A wait for a connection that is shorter is not worth a span, unless the connection was asked for.
const WORTH_A_SPAN: Duration = Duration::from_millis(10);
/// How often it is told that there is no free connection.
const WARNINGS: Duration = Duration::from_secs(60);
/// How often gauges are sent while the pool is used.
#[cfg(feature = "metrics")]
const GAUGES: Duration = Duration::from_secs(10);

/// A pool whose statements, transactions and connections are monitored. `&MonitoredPool` runs statements as `&Pool` does. Cheap to clone.
///
/// There is no way to a bare connection that is taken by accident; [`inner`](Self::inner) is the pool itself, for migrations and other
/// code that asks for one.
///
/// Beside what becomes of statements: waiting for a connection for 10 ms or more is a span `db.connection`; for half a second or more
/// ([`wait_limit`](Self::wait_limit)) also a warning "Connection pool is exhausted", at most once a minute and pool; with feature `metrics`
/// there are gauges `db.pool.size`, `db.pool.idle`, `db.pool.in_use` and `db.pool.max`, sent at most every ten seconds while the pool
/// is used.
///
/// ```no_run
/// # use sqlx_core::{database::Database, pool::Pool};
/// # fn f<DB: Database>(pool: Pool<DB>) {
/// use std::time::Duration;
/// use watchpost::sql::Limits;
/// use watchpost::sqlx::MonitoredPool;
///
/// let pool = MonitoredPool::new(pool)
///     .named("reports")
///     .limits(Limits::default().slow_after(Duration::from_secs(10)).very_slow_after(Duration::from_secs(60)));
/// # }
/// ```
pub struct MonitoredPool<DB: Database> {
    pool: Pool<DB>,
    shared: Arc<Shared>,
}

#[derive(Debug, Clone)]
struct Shared {
    monitor: Monitor,
    name: Option<String>,
    wait_limit: Duration,
    warnings: Arc<Pace>,
    #[cfg(feature = "metrics")]
    gauges: Arc<Pace>,
}

impl<DB: Database> Clone for MonitoredPool<DB> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), shared: Arc::clone(&self.shared) }
    }
}

impl<DB: Database> fmt::Debug for MonitoredPool<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitoredPool").field("pool", &self.pool).field("monitor", &self.shared).finish()
    }
}

impl<DB: Database> From<Pool<DB>> for MonitoredPool<DB> {
    fn from(pool: Pool<DB>) -> Self {
        Self::new(pool)
    }
}

impl<DB: Database> MonitoredPool<DB> {
    /// The pool, monitored.
    pub fn new(pool: Pool<DB>) -> Self {
        let shared = Shared {
            monitor: Monitor::new(describe::of_pool(&pool)),
            name: None,
            wait_limit: Duration::from_millis(500),
            warnings: Arc::new(Pace::once_in(WARNINGS)),
            #[cfg(feature = "metrics")]
            gauges: Arc::new(Pace::once_in(GAUGES)),
        };
        Self { pool, shared: Arc::new(shared) }
    }

    /// What the pool is called where there are several (`db.client.connection.pool.name`).
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.shared_mut().name = Some(name.into());
        self
    }

    /// Which database it is, where the pool's options do not say.
    #[must_use]
    pub fn database(mut self, database: sql::Database) -> Self {
        self.shared_mut().monitor.database = database;
        self
    }

    /// From where on a statement is slow: one second, and five, unless set.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.shared_mut().monitor.limits = limits;
        self
    }

    /// From where on waiting for a connection is worth a warning; half a second unless set.
    #[must_use]
    pub fn wait_limit(mut self, limit: Duration) -> Self {
        self.shared_mut().wait_limit = limit;
        self
    }

    /// Which errors are reported where they occur: those that are [`is_unexpected`](super::is_unexpected), unless set. `|_| false` leaves
    /// it to annotated functions.
    #[must_use]
    pub fn report_if(mut self, reports: fn(&Error) -> bool) -> Self {
        self.shared_mut().monitor.reports = reports;
        self
    }

    /// The pool itself. What is run on it is not monitored.
    pub fn inner(&self) -> &Pool<DB> {
        &self.pool
    }

    /// Ends the use of the pool, as [`Pool::close`] does.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Takes a connection out of the pool.
    ///
    /// # Errors
    /// As [`Pool::acquire`].
    pub async fn acquire(&self) -> Result<MonitoredPoolConnection<DB>, Error> {
        let connection = self.connect(true).await?;
        Ok(MonitoredPoolConnection::new(MonitoredConnection::new(connection, self.shared.monitor.clone())))
    }

    /// Begins a transaction on a connection of the pool.
    ///
    /// # Errors
    /// As [`Pool::begin`].
    #[track_caller]
    pub fn begin(&self) -> impl Future<Output = Result<MonitoredTransaction<'static, DB>, Error>> + Send + '_ {
        let at = Some(Location::caller());
        async move {
            let connection = MaybePoolConnection::PoolConnection(self.connect(false).await?);
            let monitor = &self.shared.monitor;
            // What sqlx's own `Pool::begin` does. There is no other way to tell waiting for the connection from beginning.
            let transaction = monitor.phase(TRANSACTION, "BEGIN", at, Transaction::begin(connection, None)).await?;
            Ok(MonitoredTransaction::new(transaction, monitor.clone(), false))
        }
    }

    /// Sends the gauges now.
    #[cfg(feature = "metrics")]
    pub fn measure(&self) {
        let size = self.pool.size();
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX).min(size);
        let max = self.pool.options().get_max_connections();
        for (name, value) in
            [("db.pool.size", size), ("db.pool.idle", idle), ("db.pool.in_use", size - idle), ("db.pool.max", max)]
        {
            let mut gauge = crate::metrics::gauge(name, value);
            for (key, value) in self.shared.monitor.database.attributes() {
                gauge = gauge.attribute(key, value.to_owned());
            }
            if let Some(name) = &self.shared.name {
                gauge = gauge.attribute(POOL_NAME, name.clone());
            }
            gauge.send();
        }
    }

    pub(super) fn monitor(&self) -> &Monitor {
        &self.shared.monitor
    }

    fn shared_mut(&mut self) -> &mut Shared {
        Arc::make_mut(&mut self.shared)
    }

    /// Takes a connection. `asked`: the program asked for one; else it is part of running a statement.
    async fn connect(&self, asked: bool) -> Result<PoolConnection<DB>, Error> {
        // That a wrapper of ours is at work here says nothing: it may be the one that needs the connection.
        if !sql::is_listened_to() {
            return self.pool.acquire().await;
        }
        let mut waiting = Waiting { shared: &self.shared, since: Instant::now(), asked, status: SpanStatus::Cancelled };
        let connection = Marked::new(self.pool.acquire()).await;
        waiting.status = match &connection {
            Ok(_) => SpanStatus::Ok,
            Err(err) => failure(err, self.shared.monitor.reports).status(),
        };
        let waited = waiting.since.elapsed();
        drop(waiting);
        match &connection {
            Ok(_) => self.tell_of_wait(waited),
            Err(err) => failure(err, self.shared.monitor.reports).report(&self.shared.monitor.database),
        }
        #[cfg(feature = "metrics")]
        if self.shared.gauges.admits(()) {
            self.measure();
        }
        connection
    }

    /// The pool is too small, or something keeps its connections for too long.
    fn tell_of_wait(&self, waited: Duration) {
        let Shared { monitor, name, wait_limit, warnings, .. } = &*self.shared;
        if waited < *wait_limit || !warnings.admits(()) {
            return;
        }
        let system = monitor.database.system();
        let (size, idle) = (self.pool.size(), self.pool.num_idle());
        let max = self.pool.options().get_max_connections();
        with_scope(|| {
            set_tag("error.category", "database");
            add_context((
                "connection_pool",
                [
                    ("name", &name.as_deref() as &dyn ToValue),
                    ("system", &system),
                    ("waited", &waited),
                    ("limit", wait_limit),
                    ("size", &size),
                    ("idle", &idle),
                    ("max", &max),
                ],
            ));
            let which = name.as_deref().unwrap_or(system);
            capture_notice(&format!("Connection pool is exhausted: {which}"), Level::Warning);
        });
    }
}

const POOL_NAME: &str = "db.client.connection.pool.name";

/// Waiting for a connection. Its end is seen by its drop, whichever way it comes.
struct Waiting<'s> {
    shared: &'s Shared,
    since: Instant,
    asked: bool,
    status: SpanStatus,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let waited = self.since.elapsed();
        let is_long = waited >= WORTH_A_SPAN.min(self.shared.wait_limit);
        let is_worth_it = match self.status {
            SpanStatus::Ok => is_long || self.asked,
            SpanStatus::Cancelled => is_long,
            _ => true,
        };
        if !is_worth_it {
            return;
        }
        let mut span = self.shared.monitor.database.tell(span("db.connection", "acquire").origin(ORIGIN));
        if let Some(name) = &self.shared.name {
            span = span.field(POOL_NAME, name);
        }
        span.record(waited, self.status);
    }
}

impl<'p, DB: Database> Executor<'p> for &'p MonitoredPool<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    type Database = DB;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Step<DB>>
    where
        'p: 'e,
        E: 'q + Execute<'q, DB>,
    {
        if is_left_alone() {
            return self.pool.fetch_many(query);
        }
        let parts = Parts::of(query);
        let (span, observed) = self.monitor().statement(parts.text(), None).begin();
        let driver = |outlet: Outlet<Step<DB>>| async move {
            match self.connect(false).await {
                Ok(mut connection) => {
                    let steps = connection.fetch_many(parts);
                    span.instrument(drive(steps, observed, outlet, self.monitor().reports)).await;
                }
                Err(err) => outlet.give(Err(err)).await,
            }
        };
        Flow::new(driver).boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<DB::Row>, Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, DB>,
    {
        if is_left_alone() {
            return self.pool.fetch_optional(query);
        }
        let parts = Parts::of(query);
        let (span, observed) = self.monitor().statement(parts.text(), None).begin();
        Box::pin(async move {
            let mut connection = self.connect(false).await?;
            span.instrument(optional(connection.fetch_optional(parts), observed, self.monitor().reports)).await
        })
    }

    fn prepare_with<'e>(
        self,
        text: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement, Error>>
    where
        'p: 'e,
    {
        if is_left_alone() {
            return self.pool.prepare_with(text, parameters);
        }
        let name = format!("PREPARE {}", text.as_str());
        Box::pin(async move {
            let mut connection = self.connect(false).await?;
            self.monitor().phase("db.query", &name, None, connection.prepare_with(text, parameters)).await
        })
    }

    fn describe<'e>(self, text: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, Error>>
    where
        'p: 'e,
    {
        self.pool.describe(text)
    }
}

impl<DB: Database> MonitoredPool<DB> {
    /// Asks the server whether it answers.
    ///
    /// # Errors
    /// As [`Connection::ping`].
    pub async fn ping(&self) -> Result<(), Error> {
        self.connect(false).await?.ping().await
    }
}
