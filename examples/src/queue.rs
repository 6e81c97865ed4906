//! The queue, a table of the database.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sqlx::{FromRow, Row, sqlite::SqliteRow};
use watchpost::TraceHeaders;

use crate::db::Database;

/// What is to be done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    Email { appointment_id: i64, template: Template },
    Sms { appointment_id: i64, template: Template },
    SyncCalendar { appointment_id: i64 },
}

/// What a customer is told.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    Confirmation,
    Cancellation,
    Reminder,
}

/// A message on its way, at one attempt.
#[derive(Debug)]
pub struct Job {
    pub id: i64,
    /// From 1.
    pub attempt: u32,
    pub max_attempts: u32,
    pub enqueued_at: Option<SystemTime>,
    pub trace: TraceHeaders,
    pub message: Message,
}

impl Message {
    fn queue(&self) -> &'static str {
        match self {
            Self::Email { .. } | Self::Sms { .. } => "notifications",
            Self::SyncCalendar { .. } => "integrations",
        }
    }

    fn max_attempts(&self) -> u32 {
        match self {
            Self::Email { .. } => 4,
            Self::Sms { .. } | Self::SyncCalendar { .. } => 3,
        }
    }
}

impl Template {
    pub fn subject(self) -> &'static str {
        match self {
            Self::Confirmation => "Your appointment",
            Self::Cancellation => "Your appointment is cancelled",
            Self::Reminder => "See you tomorrow",
        }
    }

    pub fn text(self) -> &'static str {
        match self {
            Self::Confirmation => "we look forward to seeing you",
            Self::Cancellation => "your appointment is cancelled and your money on its way back",
            Self::Reminder => "your appointment is tomorrow",
        }
    }
}

/// Puts a message into its queue. The trace goes with it, so that what the worker does is seen under what caused it.
pub async fn publish(db: &Database, message: &Message) -> sqlx::Result<()> {
    watchpost::publish_async(message.queue(), |trace| async move { db.insert_job(message, &trace).await }).await
}

/// How long a message waits before its next attempt. A real service waits minutes; this one has a day to play in seconds.
fn backoff(attempt: u32) -> Duration {
    Duration::from_millis(60) * 2u32.saturating_pow(attempt.saturating_sub(1))
}

fn unix_millis(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Database {
    async fn insert_job(&self, message: &Message, trace: &TraceHeaders) -> sqlx::Result<()> {
        let encode = |error: serde_json::Error| sqlx::Error::Encode(error.into());
        sqlx::query("INSERT INTO jobs (queue, payload, trace, max_attempts, run_at) VALUES (?, ?, ?, ?, ?)")
            .bind(message.queue())
            .bind(serde_json::to_string(message).map_err(encode)?)
            .bind(serde_json::to_string(trace).map_err(encode)?)
            .bind(message.max_attempts())
            .bind(unix_millis(SystemTime::now()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes the job that has waited longest, for this worker alone.
    pub async fn claim_job(&self) -> sqlx::Result<Option<Job>> {
        let sql = "UPDATE jobs SET status = 'running', attempt = attempt + 1
                   WHERE id = (SELECT id FROM jobs WHERE status = 'waiting' AND run_at <= ? ORDER BY run_at, id LIMIT 1)
                   RETURNING id, payload, trace, attempt, max_attempts";
        sqlx::query_as(sql).bind(unix_millis(SystemTime::now())).fetch_optional(&self.pool).await
    }

    pub async fn finish_job(&self, id: i64) -> sqlx::Result<()> {
        sqlx::query("UPDATE jobs SET status = 'done' WHERE id = ?").bind(id).execute(&self.pool).await?;
        Ok(())
    }

    /// Puts a job back for its next attempt, or to the dead where there is none.
    pub async fn fail_job(&self, job: &Job, again: bool) -> sqlx::Result<()> {
        let run_at = unix_millis(SystemTime::now() + backoff(job.attempt));
        let status = if again && job.attempt < job.max_attempts { "waiting" } else { "dead" };
        let sql = "UPDATE jobs SET status = ?, run_at = ? WHERE id = ?";
        sqlx::query(sql).bind(status).bind(run_at).bind(job.id).execute(&self.pool).await?;
        Ok(())
    }

    /// How many jobs are neither done nor dead.
    pub async fn open_jobs(&self) -> sqlx::Result<i64> {
        let sql = "SELECT COUNT(*) FROM jobs WHERE status IN ('waiting', 'running')";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await
    }
}

impl<'r> FromRow<'r, SqliteRow> for Job {
    fn from_row(row: &'r SqliteRow) -> sqlx::Result<Self> {
        let decode = |error: serde_json::Error| sqlx::Error::Decode(error.into());
        let trace: TraceHeaders = serde_json::from_str(row.try_get("trace")?).map_err(decode)?;
        Ok(Self {
            id: row.try_get("id")?,
            attempt: row.try_get("attempt")?,
            max_attempts: row.try_get("max_attempts")?,
            enqueued_at: trace.enqueued_at(),
            trace,
            message: serde_json::from_str(row.try_get("payload")?).map_err(decode)?,
        })
    }
}
