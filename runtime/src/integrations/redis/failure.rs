//! Why a command failed, in words that tell nothing of its arguments.

use redis::{ErrorKind, RedisError, ServerError, ServerErrorKind};

use crate::SpanStatus;

/// Why a command failed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    /// The server's code (`WRONGTYPE`), or what failed on the way.
    pub(super) code: String,
    pub(super) status: SpanStatus,
    /// Whether the server said it.
    pub(super) by_server: bool,
}

impl Failure {
    pub(super) fn of(error: &RedisError) -> Self {
        let by_server = error.code().is_some();
        let code = match error.code() {
            Some(code) => code,
            None if error.is_timeout() => "timeout",
            None if error.is_connection_refusal() => "connection refused",
            None => error.category(),
        };
        let status = match error.kind() {
            _ if error.is_timeout() => SpanStatus::DeadlineExceeded,
            ErrorKind::Io | ErrorKind::ClusterConnectionNotFound => SpanStatus::Unavailable,
            ErrorKind::AuthenticationFailed => SpanStatus::Unauthenticated,
            ErrorKind::InvalidClientConfig => SpanStatus::InvalidArgument,
            ErrorKind::Server(kind) => status_of(Some(kind)),
            _ => SpanStatus::InternalError,
        };
        Self { code: code.to_owned(), status, by_server }
    }

    pub(super) fn of_server(error: &ServerError) -> Self {
        Self { code: error.code().to_owned(), status: status_of(error.kind()), by_server: true }
    }
}

fn status_of(kind: Option<ServerErrorKind>) -> SpanStatus {
    match kind {
        Some(ServerErrorKind::ExecAbort) => SpanStatus::Aborted,
        Some(ServerErrorKind::NoPerm) => SpanStatus::PermissionDenied,
        Some(ServerErrorKind::BusyLoading | ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown) => {
            SpanStatus::Unavailable
        }
        _ => SpanStatus::InternalError,
    }
}
