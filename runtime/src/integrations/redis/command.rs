//! What a command is: which operation, on which keys.

use redis::{Arg, Cmd};

/// One command as it is sent: a name and its arguments, none of them copied.
#[derive(Debug, Clone)]
pub(super) struct Command<'a> {
    /// In upper case.
    pub(super) name: String,
    args: Vec<&'a [u8]>,
}

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Get,
    Put,
    Remove,
    Flush,
    /// Nothing of a cache.
    Other,
}

impl Kind {
    pub(super) fn op(self) -> &'static str {
        match self {
            Self::Get => "cache.get",
            Self::Put => "cache.put",
            Self::Remove => "cache.remove",
            Self::Flush => "cache.flush",
            Self::Other => "db.redis",
        }
    }

    /// By the conventions' `cache.operation`.
    pub(super) fn operation(self) -> Option<&'static str> {
        self.op().strip_prefix("cache.")
    }
}

/// Where the keys stand among the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    None,
    First,
    All,
    /// Key, value, key, value.
    EverySecond,
    AllButLast,
}

/// What the table says of a command.
#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: Kind,
    keys: Keys,
}

/// The table. An argument of a command that is not in it is never taken for a key: it may be a password (`AUTH`).
fn entry(name: &str) -> Entry {
    let (kind, keys) = match name {
        "GET" | "GETEX" | "GETDEL" | "GETRANGE" | "HGET" | "HMGET" | "HGETALL" | "HEXISTS" | "JSON.GET" => {
            (Kind::Get, Keys::First)
        }
        "MGET" | "EXISTS" => (Kind::Get, Keys::All),
        "JSON.MGET" => (Kind::Get, Keys::AllButLast),
        "SET" | "SETEX" | "PSETEX" | "SETNX" | "GETSET" | "HSET" | "HSETNX" | "HMSET" | "JSON.SET" => {
            (Kind::Put, Keys::First)
        }
        "MSET" | "MSETNX" => (Kind::Put, Keys::EverySecond),
        "DEL" | "UNLINK" => (Kind::Remove, Keys::All),
        "HDEL" | "JSON.DEL" => (Kind::Remove, Keys::First),
        "FLUSHDB" | "FLUSHALL" => (Kind::Flush, Keys::None),
        "WATCH" | "TOUCH" | "SINTER" | "SUNION" | "SDIFF" | "PFCOUNT" => (Kind::Other, Keys::All),
        "APPEND" | "BITCOUNT" | "BITFIELD" | "DECR" | "DECRBY" | "DUMP" | "EXPIRE" | "EXPIREAT" | "EXPIRETIME"
        | "GEOADD" | "GEODIST" | "GEOSEARCH" | "GETBIT" | "HINCRBY" | "HINCRBYFLOAT" | "HKEYS" | "HLEN" | "HSCAN"
        | "HVALS" | "INCR" | "INCRBY" | "INCRBYFLOAT" | "LINDEX" | "LLEN" | "LPOP" | "LPUSH" | "LPUSHX" | "LRANGE"
        | "LREM" | "LSET" | "LTRIM" | "PERSIST" | "PEXPIRE" | "PEXPIREAT" | "PFADD" | "PTTL" | "RENAME" | "RESTORE"
        | "RPOP" | "RPUSH" | "RPUSHX" | "SADD" | "SCARD" | "SETBIT" | "SETRANGE" | "SISMEMBER" | "SMEMBERS"
        | "SMISMEMBER" | "SPOP" | "SRANDMEMBER" | "SREM" | "SSCAN" | "STRLEN" | "TTL" | "TYPE" | "XACK" | "XADD"
        | "XDEL" | "XLEN" | "XRANGE" | "XREVRANGE" | "XTRIM" | "ZADD" | "ZCARD" | "ZCOUNT" | "ZINCRBY" | "ZPOPMAX"
        | "ZPOPMIN" | "ZRANGE" | "ZRANGEBYSCORE" | "ZRANK" | "ZREM" | "ZREMRANGEBYRANK" | "ZREMRANGEBYSCORE"
        | "ZREVRANGE" | "ZSCAN" | "ZSCORE" => (Kind::Other, Keys::First),
        _ => (Kind::Other, Keys::None),
    };
    Entry { kind, keys }
}

impl<'a> Command<'a> {
    pub(super) fn of(cmd: &'a Cmd) -> Self {
        Self::from_args(cmd.args_iter().map(|arg| match arg {
            Arg::Simple(arg) => arg,
            // The cursor of a scan, and whatever else there will be.
            _ => b"",
        }))
    }

    pub(super) fn from_args(mut args: impl Iterator<Item = &'a [u8]>) -> Self {
        let name = String::from_utf8_lossy(args.next().unwrap_or_default()).to_ascii_uppercase();
        Self { name, args: args.collect() }
    }

    /// What it does, as far as its name tells.
    pub(super) fn kind(&self) -> Kind {
        entry(&self.name).kind
    }

    pub(super) fn keys(&self) -> Vec<&'a [u8]> {
        let args = self.args.iter().copied();
        match entry(&self.name).keys {
            Keys::None => Vec::new(),
            Keys::First => args.take(1).collect(),
            Keys::All => args.collect(),
            Keys::EverySecond => args.step_by(2).collect(),
            Keys::AllButLast => args.take(self.args.len().saturating_sub(1)).collect(),
        }
    }

    /// How many things it asks for: keys, or fields of one hash.
    pub(super) fn requested(&self) -> usize {
        match self.name.as_str() {
            "HMGET" => self.args.len().saturating_sub(1),
            _ => self.keys().len(),
        }
    }

    /// Whether it is to wait for something, so that how long it takes says nothing.
    pub(super) fn waits(&self) -> bool {
        match self.name.as_str() {
            "BLPOP" | "BRPOP" | "BLMOVE" | "BRPOPLPUSH" | "BLMPOP" | "BZPOPMIN" | "BZPOPMAX" | "BZMPOP" | "WAIT"
            | "WAITAOF" => true,
            "XREAD" | "XREADGROUP" => self.args.iter().any(|arg| arg.eq_ignore_ascii_case(b"BLOCK")),
            _ => false,
        }
    }

    /// How many bytes it writes.
    pub(super) fn written(&self) -> Option<usize> {
        let sum_of_values = |from: usize| self.args.iter().skip(from).step_by(2).map(|value| value.len()).sum();
        match self.name.as_str() {
            "SET" | "SETNX" | "GETSET" => self.args.get(1).map(|value| value.len()),
            "SETEX" | "PSETEX" | "HSETNX" | "JSON.SET" => self.args.get(2).map(|value| value.len()),
            "MSET" | "MSETNX" => Some(sum_of_values(1)),
            "HSET" | "HMSET" => Some(sum_of_values(2)),
            _ => None,
        }
    }

    /// The time to live that it gives, in seconds, rounded up: a key that lives for a moment does not live for none.
    pub(super) fn ttl(&self) -> Option<u64> {
        let number = |at: usize| std::str::from_utf8(self.args.get(at)?).ok()?.parse::<u64>().ok();
        let seconds = |millis: u64| millis.div_ceil(1000);
        match self.name.as_str() {
            "SETEX" => number(1),
            "PSETEX" => number(1).map(seconds),
            "SET" | "GETEX" => {
                let from = if self.name == "SET" { 2 } else { 1 };
                let word = |at: &usize, word: &str| self.args[*at].eq_ignore_ascii_case(word.as_bytes());
                let places = from..self.args.len();
                if let Some(at) = places.clone().find(|at| word(at, "EX")) {
                    return number(at + 1);
                }
                places.clone().find(|at| word(at, "PX")).and_then(|at| number(at + 1)).map(seconds)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(line: &str) -> Command<'_> {
        Command::from_args(line.split(' ').map(str::as_bytes))
    }

    #[test]
    fn operations_and_keys() {
        for (line, op, keys) in [
            ("get user:1", "cache.get", vec!["user:1"]),
            ("GETDEL user:1", "cache.get", vec!["user:1"]),
            ("MGET a b c", "cache.get", vec!["a", "b", "c"]),
            ("EXISTS a b", "cache.get", vec!["a", "b"]),
            ("HGET cart:1 total", "cache.get", vec!["cart:1"]),
            ("SET a secret NX EX 10", "cache.put", vec!["a"]),
            ("MSET a 1 b 2", "cache.put", vec!["a", "b"]),
            ("JSON.MGET a b $.x", "cache.get", vec!["a", "b"]),
            ("DEL a b", "cache.remove", vec!["a", "b"]),
            ("FLUSHDB", "cache.flush", vec![]),
            ("INCRBY n 5", "db.redis", vec!["n"]),
            ("AUTH user hunter2", "db.redis", vec![]),
            ("HELLO 3 AUTH user hunter2", "db.redis", vec![]),
            ("CONFIG SET requirepass hunter2", "db.redis", vec![]),
            ("EVAL return 0", "db.redis", vec![]),
            ("PING", "db.redis", vec![]),
            ("GET", "cache.get", vec![]),
        ] {
            let command = command(line);
            let told: Vec<_> = command.keys().iter().map(|key| String::from_utf8_lossy(key).into_owned()).collect();
            assert_eq!((command.kind().op(), told), (op, keys.iter().map(|&key| key.to_owned()).collect()), "{line}");
        }
    }

    #[test]
    fn sizes_and_times() {
        for (line, written, ttl) in [
            ("SET a four", Some(4), None),
            ("SET a four EX 10", Some(4), Some(10)),
            ("SET a four NX PX 1500", Some(4), Some(2)),
            ("SET a EX", Some(2), None),
            ("SET a four EX", Some(4), None),
            ("SETEX a 30 four", Some(4), Some(30)),
            ("PSETEX a 1 four", Some(4), Some(1)),
            ("MSET a 12 b 345", Some(5), None),
            ("HSET cart a 12 b 345", Some(5), None),
            ("GETEX a EX 5", None, Some(5)),
            ("GET a", None, None),
        ] {
            let command = command(line);
            assert_eq!((command.written(), command.ttl()), (written, ttl), "{line}");
        }
    }
}
