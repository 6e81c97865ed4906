//! Statements, transactions and pools of [sqlx](https://docs.rs/sqlx/0.9) 0.9, of any of its databases. sqlx asks for Rust 1.94.
//!
//! [`MonitoredPool`] takes the place of the pool; [`monitored`](MonitorExt::monitored) does for one statement on whatever runs statements:
//! `(&pool).monitored()`, `(&mut *transaction).monitored()`.
//!
//! ```no_run
//! use watchpost::sqlx::{MonitoredPool, monitored_transaction};
//! # use sqlx_core as sqlx;
//! # async fn f<DB: sqlx::database::Database>(pool: sqlx::pool::Pool<DB>) -> Result<(), sqlx::Error>
//! # where
//! #     for<'c> &'c mut DB::Connection: sqlx::executor::Executor<'c, Database = DB>,
//! # {
//! # use sqlx_core::executor::Executor;
//!
//! let pool = MonitoredPool::new(pool); // sqlx::PgPool::connect(..)
//! let rows = pool.fetch_all("SELECT name FROM barbers").await?; // as does sqlx::query(..).fetch_all(&pool)
//!
//! monitored_transaction(&pool, |mut tx| async move {
//!     tx.execute("UPDATE barbers SET chairs = chairs + 1").await?; // as does sqlx::query(..).execute(&mut *tx)
//!     Ok::<_, sqlx::Error>(())
//! })
//! .await?;
//! # Ok(())
//! # }
//! ```
//!
//! What becomes of a statement, [`sql`](crate::sql) says. Beyond it:
//! - Spans are named by the statement without literals; what is bound to it is never looked at. Rows that came are counted
//!   (`db.response.returned_rows`), and the time to the first is told. The number of rows that were changed sqlx tells only by types of each
//!   database, so it is not.
//! - A stream's span ends with the stream. The time that its consumer takes between two rows does not make a statement slow. A stream that
//!   is dropped before its end is a cancelled statement.
//! - An error is reported where it occurs, once, with the category `database`, SQLSTATE and kind: an annotated function that returns it, or
//!   an error made of it, does not report it again. Violations of constraints and [`Error::RowNotFound`] are answers that programs count
//!   on: they are a breadcrumb and a status, and an event only where an annotated function goes on to return them.
//!   [`MonitoredPool::report_if`] draws the line elsewhere.
//! - Where nobody listens, a statement goes to sqlx as it is.

mod describe;
mod executor;
mod failure;
mod flow;
#[cfg(feature = "tracing")]
mod layer;
mod marker;
mod parts;
mod pool;
mod transaction;

pub use executor::{MonitorExt, Monitored};
pub use failure::is_unexpected;
#[cfg(feature = "tracing")]
pub use layer::{SqlxLayer, layer};
pub use pool::MonitoredPool;
pub use sqlx_core::error::Error;
pub use transaction::{
    MonitoredConnection, MonitoredPoolConnection, MonitoredSession, MonitoredTransaction, monitored_transaction,
};
