//! The price list's cache, in the process and in Redis: the same is told of both.

use std::io::Write;
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{Run, run};

/// Where Redis is; none, said aloud, where there is none.
fn redis() -> Option<String> {
    let named = std::env::var("WATCHPOST_TEST_REDIS_URL").ok().filter(|url| !url.is_empty());
    let url = named.unwrap_or_else(|| "redis://127.0.0.1:6379".to_owned());
    let host = url.rsplit(['/', '@']).find(|part| part.contains(':')).unwrap_or_default();
    if TcpStream::connect(host).is_ok() {
        return Some(url);
    }
    let required = std::env::var("WATCHPOST_REQUIRE_SERVICES").is_ok_and(|value| value == "1");
    assert!(!required, "no Redis answers at {host}, and WATCHPOST_REQUIRE_SERVICES=1");
    // Past the test harness, which shows the output of failed tests alone.
    let line = format!("SKIPPED: no Redis answers at {host} (WATCHPOST_TEST_REDIS_URL names another)\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    None
}

/// Look-ups and what is put, by Sentry's conventions; whose treatment it is leaves with none of them.
fn is_told_by_conventions(run: &Run) {
    let [prices] = &run.report.caches[..] else { panic!("{:?}", run.report.caches) };
    assert_eq!(prices.key, "treatment:*");
    assert!(prices.hits > 0 && prices.hits < prices.gets, "{prices:?}");
    assert_eq!(run.spans("cache.get").count(), prices.gets);
    for span in run.spans("cache.get").chain(run.spans("cache.put")) {
        let data = &span["data"];
        assert_eq!(span["description"], "treatment:*");
        assert_eq!(data["cache.key"], json!(["treatment:*"]), "{data}");
        let size = data["cache.item_size"].as_u64();
        if span["op"] == "cache.get" {
            assert_eq!(data["cache.operation"], "get");
            assert_eq!(data["cache.hit"], Value::Bool(size.is_some()), "{data}");
        } else {
            assert_eq!((&data["cache.operation"], &data["cache.write"]), (&json!("put"), &json!(true)), "{data}");
            assert_eq!(data["cache.ttl"], 60, "{data}");
        }
        assert!(size.is_none_or(|bytes| bytes > 20), "{data}");
    }
    // What was not found is put, but for what is not there to be put.
    let unknown = run.report.errors.iter().filter(|group| group.kind == "BookingError::UnknownService");
    let unknown: usize = unknown.map(|group| group.count).sum();
    assert_eq!(run.spans("cache.put").count() + unknown, prices.gets - prices.hits);
}

#[test]
fn in_the_process_and_in_redis_the_hits_are_the_same() {
    is_told_by_conventions(run());
    assert!(run().spans("cache.get").all(|span| span["data"]["db.system.name"].is_null()));
    let Some(url) = redis() else { return };
    let in_redis = Run::of(&[("REDIS_URL", &url)]);
    is_told_by_conventions(&in_redis);
    assert_eq!(in_redis.report.caches, run().report.caches);
    for span in in_redis.spans("cache.get") {
        let data = &span["data"];
        assert_eq!((&data["db.system.name"], &data["db.operation.name"]), (&json!("redis"), &json!("GET")), "{data}");
        assert!(data["network.peer.port"].is_u64() && span["origin"] == "auto.db.redis", "{span}");
    }
}
