//! Monitored executors.

use std::panic::Location;

use futures_core::future::BoxFuture;
use futures_core::stream::{BoxStream, Stream};
use futures_util::StreamExt as _;
use sqlx_core::Either;
use sqlx_core::database::Database;
use sqlx_core::describe::Describe;
use sqlx_core::error::Error;
use sqlx_core::executor::{Execute, Executor};
use sqlx_core::sql_str::SqlStr;

use super::describe;
use super::failure::{failure, is_unexpected};
use super::flow::{Flow, Outlet};
use super::marker::{self, Marked};
use super::parts::Parts;
use crate::sql::{self, Limits, Observed, Statement};

/// Who observes statements, by Sentry's convention.
pub(super) const ORIGIN: &str = "auto.db.sqlx";

/// The operation of spans of the beginnings and ends of transactions.
pub(super) const TRANSACTION: &str = "db.transaction";

/// How statements are observed.
#[derive(Debug, Clone)]
pub(super) struct Monitor {
    pub(super) database: sql::Database,
    pub(super) limits: Limits,
    pub(super) reports: fn(&Error) -> bool,
}

impl Monitor {
    pub(super) fn new(database: sql::Database) -> Self {
        Self { database, limits: Limits::default(), reports: is_unexpected }
    }

    pub(super) fn statement<'s>(&self, text: &'s str, at: Option<&'static Location<'static>>) -> Statement<'s> {
        sql::statement(text).database(&self.database).limits(self.limits).origin(ORIGIN).made_at(at)
    }

    /// Awaits a call that runs no statement of the program's: `BEGIN`, `COMMIT`, `PREPARE`.
    pub(super) async fn phase<T>(
        &self,
        op: &'static str,
        name: &str,
        at: Option<&'static Location<'static>>,
        call: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, Error> {
        if is_left_alone() {
            return call.await;
        }
        let (span, mut observed) = self.statement(name, at).op(op).begin();
        span.instrument(async {
            observed.start();
            let out = Marked::new(call).await;
            observed.end(out.as_ref().map(|_| ()).map_err(|err| failure(err, self.reports)));
            out
        })
        .await
    }
}

/// Whether nothing is observed here: nobody listens, or a wrapper outside of this one observes it.
pub(super) fn is_left_alone() -> bool {
    marker::is_within() || !sql::is_listened_to()
}

/// Monitors whatever runs statements.
///
/// ```no_run
/// use watchpost::sqlx::MonitorExt as _;
/// # use sqlx_core::{executor::Executor, error::Error};
///
/// # async fn f<'c>(executor: impl Executor<'c> + 'c) -> Result<(), Error> {
/// // sqlx::query("SELECT 1").execute((&pool).monitored())
/// executor.monitored().execute("SELECT 1").await?;
/// # Ok(())
/// # }
/// ```
pub trait MonitorExt<'c>: Executor<'c> {
    /// The executor, monitored. Nothing is known of its database but the kind.
    #[track_caller]
    fn monitored(self) -> Monitored<Self> {
        let monitor = Monitor::new(describe::kind::<Self::Database>());
        Monitored { executor: self, monitor, at: Some(Location::caller()) }
    }
}

impl<'c, X: Executor<'c>> MonitorExt<'c> for X {}

/// A monitored executor; see [`MonitorExt`].
#[derive(Debug)]
pub struct Monitored<X> {
    executor: X,
    monitor: Monitor,
    at: Option<&'static Location<'static>>,
}

impl<X> Monitored<X> {
    pub(super) fn by(executor: X, monitor: Monitor) -> Self {
        Self { executor, monitor, at: None }
    }

    /// From where on a statement is slow.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.monitor.limits = limits;
        self
    }

    /// Which errors are reported where they occur; [`is_unexpected`] ones, unless set.
    #[must_use]
    pub fn report_if(mut self, reports: fn(&Error) -> bool) -> Self {
        self.monitor.reports = reports;
        self
    }
}

/// What a statement gives, step by step.
pub(super) type Step<DB> = Result<Either<<DB as Database>::QueryResult, <DB as Database>::Row>, Error>;

impl<'c, X: Executor<'c> + 'c> Executor<'c> for Monitored<X> {
    type Database = X::Database;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Step<X::Database>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        if is_left_alone() {
            return self.executor.fetch_many(query);
        }
        let Self { executor, monitor, at } = self;
        let parts = Parts::of(query);
        let (span, observed) = monitor.statement(parts.text(), at).begin();
        let steps = executor.fetch_many(parts);
        let reports = monitor.reports;
        Flow::new(|outlet| span.instrument(drive(steps, observed, outlet, reports))).boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<<X::Database as Database>::Row>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Self::Database>,
    {
        if is_left_alone() {
            return self.executor.fetch_optional(query);
        }
        let Self { executor, monitor, at } = self;
        let parts = Parts::of(query);
        let (span, observed) = monitor.statement(parts.text(), at).begin();
        let row = executor.fetch_optional(parts);
        Box::pin(span.instrument(optional(row, observed, monitor.reports)))
    }

    fn prepare_with<'e>(
        self,
        text: SqlStr,
        parameters: &'e [<X::Database as Database>::TypeInfo],
    ) -> BoxFuture<'e, Result<<X::Database as Database>::Statement, Error>>
    where
        'c: 'e,
    {
        if is_left_alone() {
            return self.executor.prepare_with(text, parameters);
        }
        let Self { executor, monitor, at } = self;
        let name = format!("PREPARE {}", text.as_str());
        let statement = executor.prepare_with(text, parameters);
        Box::pin(async move { monitor.phase("db.query", &name, at, statement).await })
    }

    fn describe<'e>(self, text: SqlStr) -> BoxFuture<'e, Result<Describe<Self::Database>, Error>>
    where
        'c: 'e,
    {
        self.executor.describe(text)
    }
}

/// Awaits a row, inside of the statement's span.
pub(super) async fn optional<R>(
    row: impl Future<Output = Result<Option<R>, Error>> + Send,
    mut observed: Observed,
    reports: fn(&Error) -> bool,
) -> Result<Option<R>, Error> {
    observed.start();
    let row = Marked::new(row).await;
    match &row {
        Ok(Some(_)) => observed.row(),
        Ok(None) => observed.no_row(),
        Err(_) => {}
    }
    observed.end(row.as_ref().map(|_| ()).map_err(|err| failure(err, reports)));
    row
}

/// Gives away what a statement gives, inside of its span. Whoever polls marks it as ours.
pub(super) async fn drive<Q, R>(
    mut steps: impl Stream<Item = Result<Either<Q, R>, Error>> + Unpin,
    mut observed: Observed,
    outlet: Outlet<Result<Either<Q, R>, Error>>,
    reports: fn(&Error) -> bool,
) {
    observed.start();
    while let Some(step) = steps.next().await {
        match step {
            Ok(step) => {
                match step {
                    Either::Left(_) => observed.no_row(),
                    Either::Right(_) => observed.row(),
                }
                observed.set_aside(outlet.give(Ok(step))).await;
            }
            Err(err) => {
                observed.end(Err(failure(&err, reports)));
                outlet.give(Err(err)).await;
                return;
            }
        }
    }
    observed.end(Ok(()));
}
