//! Monitored connections and transactions.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use sqlx_core::connection::Connection;
use sqlx_core::database::Database;
use sqlx_core::describe::Describe;
use sqlx_core::error::Error;
use sqlx_core::executor::{Execute, Executor};
use sqlx_core::pool::PoolConnection;
use sqlx_core::sql_str::SqlStr;
use sqlx_core::transaction::Transaction;

use super::MonitoredPool;
use super::executor::{Monitor, Monitored, ORIGIN, Step, TRANSACTION, is_left_alone};
use crate::{SpanStatus, current_span, span};

/// A connection whose statements are monitored. `&mut` of it runs statements, as `&mut` of a connection of sqlx does.
pub struct MonitoredConnection<'c, DB: Database> {
    link: Link<'c, DB>,
    monitor: Monitor,
}

enum Link<'c, DB: Database> {
    Pool(PoolConnection<DB>),
    Transaction(Transaction<'c, DB>),
}

impl<DB: Database> fmt::Debug for MonitoredConnection<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MonitoredConnection").field("monitor", &self.monitor).finish_non_exhaustive()
    }
}

impl<DB: Database> MonitoredConnection<'static, DB> {
    pub(super) fn new(connection: PoolConnection<DB>, monitor: Monitor) -> Self {
        Self { link: Link::Pool(connection), monitor }
    }
}

impl<DB: Database> MonitoredConnection<'_, DB> {
    /// The connection itself, for code that asks for one. What is run on it is not monitored.
    pub fn inner_mut(&mut self) -> &mut DB::Connection {
        match &mut self.link {
            Link::Pool(connection) => connection,
            Link::Transaction(transaction) => transaction,
        }
    }

    /// Begins a transaction; inside of one, a savepoint.
    ///
    /// # Errors
    /// As [`Connection::begin`].
    #[track_caller]
    pub fn begin(&mut self) -> impl Future<Output = Result<MonitoredTransaction<'_, DB>, Error>> + Send {
        let at = Some(Location::caller());
        async move {
            let monitor = self.monitor.clone();
            let connection = self.inner_mut();
            let is_savepoint = connection.is_in_transaction();
            let name = if is_savepoint { "SAVEPOINT" } else { "BEGIN" };
            let transaction = monitor.phase(TRANSACTION, name, at, connection.begin()).await?;
            Ok(MonitoredTransaction::new(transaction, monitor, is_savepoint))
        }
    }

    fn executor(&mut self) -> Monitored<&mut DB::Connection> {
        let monitor = self.monitor.clone();
        Monitored::by(self.inner_mut(), monitor)
    }
}

impl<'t, DB: Database> Executor<'t> for &'t mut MonitoredConnection<'_, DB>
where
    for<'x> &'x mut DB::Connection: Executor<'x, Database = DB>,
{
    type Database = DB;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Step<DB>>
    where
        't: 'e,
        E: 'q + Execute<'q, DB>,
    {
        self.executor().fetch_many(query)
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<DB::Row>, Error>>
    where
        't: 'e,
        E: 'q + Execute<'q, DB>,
    {
        self.executor().fetch_optional(query)
    }

    fn prepare_with<'e>(
        self,
        text: SqlStr,
        parameters: &'e [DB::TypeInfo],
    ) -> BoxFuture<'e, Result<DB::Statement, Error>>
    where
        't: 'e,
    {
        self.executor().prepare_with(text, parameters)
    }

    fn describe<'e>(self, text: SqlStr) -> BoxFuture<'e, Result<Describe<DB>, Error>>
    where
        't: 'e,
    {
        self.inner_mut().describe(text)
    }
}

/// A connection of a [`MonitoredPool`]. Statements are run on `&mut *connection`.
#[derive(Debug)]
pub struct MonitoredPoolConnection<DB: Database>(MonitoredConnection<'static, DB>);

impl<DB: Database> MonitoredPoolConnection<DB> {
    pub(super) fn new(connection: MonitoredConnection<'static, DB>) -> Self {
        Self(connection)
    }
}

impl<DB: Database> Deref for MonitoredPoolConnection<DB> {
    type Target = MonitoredConnection<'static, DB>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
impl<DB: Database> DerefMut for MonitoredPoolConnection<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// A transaction, or a savepoint in one. Statements are run on `&mut *transaction`. As sqlx's own, it is rolled back if it is dropped.
///
/// `BEGIN`, `COMMIT` and `ROLLBACK` are spans `db.transaction`; that of a rollback by drop has no length, for sqlx rolls back when the
/// connection is used again.
#[derive(Debug)]
pub struct MonitoredTransaction<'c, DB: Database> {
    // Before the connection: it is told of while the transaction is still there.
    left: Left,
    connection: MonitoredConnection<'c, DB>,
}

impl<'c, DB: Database> MonitoredTransaction<'c, DB> {
    pub(super) fn new(transaction: Transaction<'c, DB>, monitor: Monitor, is_savepoint: bool) -> Self {
        let left = Left { monitor: Some(monitor.clone()), is_savepoint };
        Self { left, connection: MonitoredConnection { link: Link::Transaction(transaction), monitor } }
    }

    /// Commits.
    ///
    /// # Errors
    /// As [`Transaction::commit`].
    #[track_caller]
    pub fn commit(self) -> impl Future<Output = Result<(), Error>> + Send + use<'c, DB> {
        let at = Some(Location::caller());
        async move {
            let name = if self.left.is_savepoint { "RELEASE SAVEPOINT" } else { "COMMIT" };
            let (transaction, monitor) = self.taken();
            match transaction {
                Some(transaction) => monitor.phase(TRANSACTION, name, at, transaction.commit()).await,
                None => Ok(()),
            }
        }
    }

    /// Rolls back.
    ///
    /// # Errors
    /// As [`Transaction::rollback`].
    #[track_caller]
    pub fn rollback(self) -> impl Future<Output = Result<(), Error>> + Send + use<'c, DB> {
        let at = Some(Location::caller());
        async move {
            let name = self.left.rollback();
            let (transaction, monitor) = self.taken();
            match transaction {
                Some(transaction) => monitor.phase(TRANSACTION, name, at, transaction.rollback()).await,
                None => Ok(()),
            }
        }
    }

    fn taken(self) -> (Option<Transaction<'c, DB>>, Monitor) {
        let Self { mut left, connection: MonitoredConnection { link, monitor } } = self;
        left.monitor = None;
        match link {
            Link::Transaction(transaction) => (Some(transaction), monitor),
            Link::Pool(_) => (None, monitor),
        }
    }
}

impl<'c, DB: Database> Deref for MonitoredTransaction<'c, DB> {
    type Target = MonitoredConnection<'c, DB>;
    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}
impl<DB: Database> DerefMut for MonitoredTransaction<'_, DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}

/// Tells of a transaction that is left without an end.
#[derive(Debug)]
struct Left {
    /// None once it was ended.
    monitor: Option<Monitor>,
    is_savepoint: bool,
}

impl Left {
    fn rollback(&self) -> &'static str {
        if self.is_savepoint { "ROLLBACK TO SAVEPOINT" } else { "ROLLBACK" }
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        if let Some(monitor) = self.monitor.take().filter(|_| !is_left_alone()) {
            monitor.statement(self.rollback(), None).op(TRANSACTION).record(Duration::ZERO, Ok(()));
        }
    }
}

/// The transaction that [`monitored_transaction`] lends. Statements are run on `&mut *session`.
#[derive(Debug)]
pub struct MonitoredSession<DB: Database> {
    /// None only while it is dropped.
    transaction: Option<MonitoredTransaction<'static, DB>>,
    back: Back<DB>,
}

/// Where the transaction is given back.
type Back<DB> = Arc<Mutex<Option<MonitoredTransaction<'static, DB>>>>;

impl<DB: Database> Deref for MonitoredSession<DB> {
    type Target = MonitoredConnection<'static, DB>;
    fn deref(&self) -> &Self::Target {
        match &self.transaction {
            Some(transaction) => transaction,
            None => unreachable!("a session that is dropped cannot be used"),
        }
    }
}
impl<DB: Database> DerefMut for MonitoredSession<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match &mut self.transaction {
            Some(transaction) => transaction,
            None => unreachable!("a session that is dropped cannot be used"),
        }
    }
}

impl<DB: Database> Drop for MonitoredSession<DB> {
    fn drop(&mut self) {
        *self.back.lock().unwrap_or_else(PoisonError::into_inner) = self.transaction.take();
    }
}

/// Runs `work` in a transaction: committed if it gives `Ok`, rolled back if it gives `Err`, panics or is cancelled. A span `db.session`
/// is around all of it; its status is `aborted` where `work` gave an error.
///
/// `work` owns the session until it ends; one that it passes on to something that outlives it is rolled back, and an error.
/// The error of a rollback is reported, and `work`'s own is returned.
///
/// ```no_run
/// # use sqlx_core::{database::Database, executor::Executor, error::Error};
/// # use watchpost::sqlx::{MonitoredPool, monitored_transaction};
/// # async fn f<DB: Database>(pool: MonitoredPool<DB>) -> Result<(), Error>
/// # where for<'c> &'c mut DB::Connection: Executor<'c, Database = DB> {
/// let id = monitored_transaction(&pool, |mut tx| async move {
///     // sqlx::query("..").bind(..).execute(&mut *tx)
///     tx.execute("UPDATE slots SET taken = true WHERE id = 17").await?;
///     tx.execute("INSERT INTO appointments (slot) VALUES (17)").await?;
///     Ok::<_, Error>(17)
/// })
/// .await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// Those of `work`, of the pool, of `BEGIN` and of `COMMIT`.
// A function that takes a reference to the transaction would be an `AsyncFnOnce(&mut ..)`, whose future the compiler does not find to be
// `Send` for every lifetime, so that it could not be spawned.
pub async fn monitored_transaction<DB, T, E, F>(
    pool: &MonitoredPool<DB>,
    work: impl FnOnce(MonitoredSession<DB>) -> F,
) -> Result<T, E>
where
    DB: Database,
    E: From<Error>,
    F: Future<Output = Result<T, E>>,
{
    let session = pool.monitor().database.tell(span("db.session", "transaction").only_as_child().origin(ORIGIN));
    let failed = |err: Error| {
        current_span().set_status(SpanStatus::InternalError);
        Err(err.into())
    };
    let work = async {
        let transaction = match pool.begin().await {
            Ok(transaction) => transaction,
            Err(err) => return failed(err),
        };
        let back = Back::default();
        let out = work(MonitoredSession { transaction: Some(transaction), back: Arc::clone(&back) }).await;
        let transaction = back.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (out, transaction) {
            (Ok(value), Some(transaction)) => match transaction.commit().await {
                Ok(()) => Ok(value),
                Err(err) => failed(err),
            },
            (Ok(_), None) => {
                failed(Error::InvalidArgument("the transaction was kept by what it was lent to".to_owned()))
            }
            (Err(err), transaction) => {
                current_span().set_status(SpanStatus::Aborted);
                if let Some(transaction) = transaction {
                    // Reported where it occurs.
                    let _ = transaction.rollback().await;
                }
                Err(err)
            }
        }
    };
    session.instrument(work).await
}
