//! What the options of a pool say of its database.

use sqlx_core::connection::Connection;
use sqlx_core::database::Database;
use sqlx_core::pool::Pool;

use crate::sql;

/// The database of this kind, of which nothing else is known.
pub(super) fn kind<DB: Database>() -> sql::Database {
    sql::Database::new(match DB::NAME {
        "PostgreSQL" => "postgresql",
        "MySQL" => "mysql",
        "SQLite" => "sqlite",
        _ => "other_sql",
    })
}

/// The database that a pool connects to.
///
/// sqlx has no common way to ask for name and server: its `to_url_lossy` panics for SQLite in memory and for servers with an IPv6
/// address. Its `Debug` text is the next best; where it does not say a thing, that is left out. Nothing but these fields is read from it,
/// and whoever knows better says so with [`MonitoredPool::database`](super::MonitoredPool::database).
pub(super) fn of_pool<DB: Database>(pool: &Pool<DB>) -> sql::Database
where
    <DB::Connection as Connection>::Options: std::fmt::Debug,
{
    let text = format!("{:?}", pool.connect_options());
    let mut database = kind::<DB>();
    if let Some(namespace) = quoted(&text, " database: Some(").or_else(|| file(&text)) {
        database = database.namespace(namespace);
    }
    if let Some(host) = quoted(&text, " host: ") {
        let port = text.split_once(" port: ").and_then(|(_, rest)| rest.split([',', ' ']).next()?.parse().ok());
        database = database.server(host, port);
    }
    database
}

/// The name of SQLite's file, without the folders above it.
fn file(text: &str) -> Option<&str> {
    let name = quoted(text, " filename: ").filter(|_| text.contains(" in_memory: false"))?;
    name.rsplit(['/', '\\']).next().filter(|name| !name.is_empty())
}

fn quoted<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let (value, _) = text.split_once(key)?.1.strip_prefix('"')?.split_once('"')?;
    Some(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_debug_text() {
        let text = r#"PgConnectOptions { host: "::1", port: 5432, username: "u", password: Some("p"), database: Some("shop"), x: 1 }"#;
        assert_eq!(quoted(text, " database: Some("), Some("shop"));
        assert_eq!(quoted(text, " host: "), Some("::1"));
        assert_eq!(quoted(text, " nothing: "), None);
        let text = r#"SqliteConnectOptions { filename: "/home/bob/shop.db", in_memory: false, x: 1 }"#;
        assert_eq!(file(text), Some("shop.db"));
        assert_eq!(file(&text.replace("false", "true")), None);
    }
}
