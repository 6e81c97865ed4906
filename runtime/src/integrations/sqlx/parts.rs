//! A query, taken apart.

use sqlx_core::database::Database;
use sqlx_core::error::BoxDynError;
use sqlx_core::executor::Execute;
use sqlx_core::sql_str::SqlStr;

/// A query that can be asked for its text and still be run: to ask [`Execute`] for it consumes the query.
pub(super) struct Parts<DB: Database> {
    text: SqlStr,
    arguments: Result<Option<DB::Arguments>, Option<BoxDynError>>,
    statement: Option<DB::Statement>,
    persistent: bool,
}

impl<DB: Database> Parts<DB> {
    pub(super) fn of<'q>(mut query: impl Execute<'q, DB>) -> Self {
        let arguments = query.take_arguments().map_err(Some);
        let statement = query.statement().cloned();
        let persistent = query.persistent();
        Self { text: query.sql(), arguments, statement, persistent }
    }

    pub(super) fn text(&self) -> &str {
        self.text.as_str()
    }
}

impl<'q, DB: Database> Execute<'q, DB> for Parts<DB> {
    fn sql(self) -> SqlStr {
        self.text
    }

    fn statement(&self) -> Option<&DB::Statement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        match &mut self.arguments {
            Ok(arguments) => Ok(arguments.take()),
            Err(err) => Err(err.take().unwrap_or_else(|| "the arguments were taken before, with an error".into())),
        }
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}
