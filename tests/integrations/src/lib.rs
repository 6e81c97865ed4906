//! What the tests of the integrations share: where the servers are, and what is done where there is none.

pub mod conventions;
pub mod web;

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// A server that tests talk to.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    /// How people call it.
    pub name: &'static str,
    /// The variable that names another address.
    pub variable: &'static str,
    /// Its usual local address.
    pub default: &'static str,
    /// The port where the address names none.
    port: u16,
}

/// `WATCHPOST_TEST_POSTGRES_URL`
pub const POSTGRES: Server = Server {
    name: "PostgreSQL",
    variable: "WATCHPOST_TEST_POSTGRES_URL",
    default: "postgres://postgres@127.0.0.1:5432/test",
    port: 5432,
};
/// `WATCHPOST_TEST_MYSQL_URL`
pub const MYSQL: Server = Server {
    name: "MariaDB or MySQL",
    variable: "WATCHPOST_TEST_MYSQL_URL",
    default: "mysql://root@127.0.0.1:3306/test",
    port: 3306,
};
/// `WATCHPOST_TEST_REDIS_URL`
pub const REDIS: Server =
    Server { name: "Redis", variable: "WATCHPOST_TEST_REDIS_URL", default: "redis://127.0.0.1:6379", port: 6379 };
/// `WATCHPOST_TEST_AMQP_URL`
pub const AMQP: Server = Server {
    name: "RabbitMQ",
    variable: "WATCHPOST_TEST_AMQP_URL",
    default: "amqp://guest:guest@127.0.0.1:5672",
    port: 5672,
};
/// `WATCHPOST_TEST_NATS_URL`
pub const NATS: Server =
    Server { name: "NATS", variable: "WATCHPOST_TEST_NATS_URL", default: "nats://127.0.0.1:4222", port: 4222 };

impl Server {
    /// Where the server is; none, said aloud, where there is none.
    ///
    /// # Panics
    /// Where there is none although `WATCHPOST_REQUIRE_SERVICES=1` says that there must be.
    pub fn url(self) -> Option<String> {
        let Self { name, variable, default, .. } = self;
        let url = std::env::var(variable).ok().filter(|url| !url.is_empty()).unwrap_or_else(|| default.to_owned());
        if self.answers(&url) {
            return Some(url);
        }
        let required = std::env::var("WATCHPOST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
        assert!(!required, "no {name} answers at {}, and WATCHPOST_REQUIRE_SERVICES=1", host_of(&url));
        // Past the test harness, which shows the output of failed tests alone.
        let line = format!("SKIPPED: no {name} answers at {} ({variable} names another)\n", host_of(&url));
        let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
        None
    }

    fn answers(self, url: &str) -> bool {
        let host = host_of(url);
        let host = if host.rsplit(']').next().is_some_and(|end| end.contains(':')) {
            host.to_owned()
        } else {
            format!("{host}:{}", self.port)
        };
        let addresses = host.to_socket_addrs().into_iter().flatten();
        addresses.into_iter().any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
    }
}

/// Host and port of a URL, without what may be secret.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_without_secrets() {
        assert_eq!(host_of("amqp://guest:gu@est@127.0.0.1:5672/v?x=1"), "127.0.0.1:5672");
        assert_eq!(host_of("redis://localhost"), "localhost");
    }
}
