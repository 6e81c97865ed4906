//! What sqlx knows of its errors.

use sqlx_core::error::{Error, ErrorKind};

use crate::sql::Failure;

/// Whether an error is worth an event wherever it occurs: everything but violations of constraints and [`Error::RowNotFound`].
///
/// ```
/// use watchpost::sqlx::{Error, is_unexpected};
///
/// assert!(is_unexpected(&Error::PoolTimedOut));
/// assert!(!is_unexpected(&Error::RowNotFound));
/// ```
pub fn is_unexpected(err: &Error) -> bool {
    match err {
        Error::RowNotFound => false,
        Error::Database(err) => matches!(err.kind(), ErrorKind::Other),
        _ => true,
    }
}

pub(super) fn failure(err: &Error, reports: fn(&Error) -> bool) -> Failure<'_> {
    let mut failure = Failure::of(err).kind(kind(err)).expected(!reports(err));
    if let Error::Database(err) = err {
        if let Some(code) = err.code() {
            failure = failure.code(code);
        }
        if let Some(constraint) = err.constraint() {
            failure = failure.constraint(constraint);
        }
    }
    failure
}

fn kind(err: &Error) -> &'static str {
    match err {
        Error::Database(err) => match err.kind() {
            ErrorKind::UniqueViolation => "unique_violation",
            ErrorKind::ForeignKeyViolation => "foreign_key_violation",
            ErrorKind::NotNullViolation => "not_null_violation",
            ErrorKind::CheckViolation => "check_violation",
            ErrorKind::ExclusionViolation => "exclusion_violation",
            _ => "database",
        },
        Error::Configuration(_) => "configuration",
        Error::Io(_) => "io",
        Error::Tls(_) => "tls",
        Error::Protocol(_) => "protocol",
        Error::RowNotFound => "row_not_found",
        Error::ColumnDecode { .. } | Error::Decode(_) => "decode",
        Error::Encode(_) => "encode",
        Error::PoolTimedOut => "pool_timed_out",
        Error::PoolClosed => "pool_closed",
        Error::WorkerCrashed => "worker_crashed",
        _ => "other",
    }
}
