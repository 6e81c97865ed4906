//! Redis: commands, pipelines and transactions, over every kind of connection.

use std::time::Duration;

use redis::{AsyncCommands, Client, Commands, RedisResult};
use sentry_core::Level;
use watchpost::redact::Redactor;
use watchpost::redis::Monitored;
use watchpost::testing::{Captured, CapturedSpan, capture, capture_async, capture_async_with, options};
use watchpost::{SpanStatus, capture_errors, transaction};
use watchpost_integration_tests::{REDIS, conventions};

/// A client, and a prefix of keys that no other test has.
fn client(test: &str) -> Option<(Client, String)> {
    let client = Client::open(REDIS.url()?).expect("a good address");
    Some((client, format!("watchpost_{test}:{}", std::process::id())))
}

async fn below_a_root(future: impl Future<Output = ()>) -> Captured {
    let sent = capture_async(transaction("test", "root").instrument(future)).await;
    conventions::check(&sent);
    sent
}

/// The spans below the root, in the order of time.
fn spans(sent: &Captured) -> Vec<&CapturedSpan> {
    let root = sent.span("root").expect("it was recorded");
    sent.children(root)
}

fn data<'a>(span: &'a CapturedSpan, key: &str) -> &'a serde_json::Value {
    span.data.get(key).unwrap_or(&serde_json::Value::Null)
}

#[tokio::test]
async fn commands_of_a_cache() {
    let Some((client, key)) = client("commands") else { return };
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut cache = Monitored::new(connection).connected_to(&client);
    let sent = below_a_root(async {
        let none: Option<String> = cache.get(&key).await.unwrap();
        assert_eq!(none, None);
        let () = cache.set_ex(&key, "alice@example.com", 30).await.unwrap();
        let some: Option<String> = cache.get(&key).await.unwrap();
        assert_eq!(some.as_deref(), Some("alice@example.com"));
        let again: bool = cache.set_nx(&key, "bob").await.unwrap();
        assert!(!again);
        let refused: Option<String> =
            redis::cmd("SET").arg(&key).arg("bob").arg("NX").query_async(&mut cache).await.unwrap();
        assert_eq!(refused, None);
        let there: bool = cache.exists(&key).await.unwrap();
        assert!(there);
        let taken: Option<String> = cache.get_del(&key).await.unwrap();
        assert!(taken.is_some());
        let removed: i64 = cache.del(&key).await.unwrap();
        assert_eq!(removed, 0);
    })
    .await;
    let spans = spans(&sent);
    let told: Vec<_> = spans
        .iter()
        .map(|span| {
            (span.op.as_str(), span.data["db.operation.name"].as_str().unwrap(), data(span, "cache.hit").as_bool())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("cache.get", "GET", Some(false)),
            ("cache.put", "SETEX", None),
            ("cache.get", "GET", Some(true)),
            ("cache.put", "SETNX", None),
            ("cache.put", "SET", None),
            ("cache.get", "EXISTS", Some(true)),
            ("cache.get", "GETDEL", Some(true)),
            ("cache.remove", "DEL", None),
        ]
    );
    let [miss, put, hit, not_put, refused, ..] = spans[..] else { panic!("{spans:?}") };
    for span in &spans {
        assert_eq!(span.name, "watchpost_commands:*");
        assert_eq!(span.status, Some(SpanStatus::Ok));
        assert_eq!(span.data["cache.key"], serde_json::json!(["watchpost_commands:*"]));
        assert_eq!(span.data["db.system.name"], "redis");
        assert_eq!(span.data["sentry.origin"], "auto.db.redis");
        assert_eq!(span.data["network.peer.address"], client_host(&client));
        assert!(span.data["network.peer.port"].is_number());
    }
    assert_eq!((data(put, "cache.item_size"), data(put, "cache.ttl")), (&17.into(), &30.into()));
    assert_eq!((data(put, "cache.write"), data(not_put, "cache.write")), (&true.into(), &false.into()));
    assert_eq!(data(refused, "cache.write"), &false);
    assert_eq!(data(hit, "cache.item_size"), &17);
    assert!(data(miss, "cache.item_size").is_null());
    let all = serde_json::to_string(&sent.transactions).unwrap();
    assert!(!all.contains("alice") && !all.contains(&key), "neither values nor keys leave: {all}");
}

fn client_host(client: &Client) -> String {
    match client.get_connection_info().addr() {
        redis::ConnectionAddr::Tcp(host, _) => host.clone(),
        other => unreachable!("tests talk over TCP: {other:?}"),
    }
}

#[tokio::test]
async fn partial_hits_hashes_and_what_is_no_cache() {
    let Some((client, key)) = client("partial") else { return };
    let connection = redis::aio::ConnectionManager::new(client).await.unwrap();
    let mut cache = Monitored::new(connection);
    let (cart, counter) = (format!("{key}:cart"), format!("{key}:counter"));
    let sent = below_a_root(async {
        let () = cache.set(&key, "four").await.unwrap();
        let several: Vec<Option<String>> = cache.mget(&[&key, &cart]).await.unwrap();
        assert_eq!(several, [Some("four".to_owned()), None]);
        let () = cache.hset(&cart, "total", "12").await.unwrap();
        let total: Option<String> = cache.hget(&cart, "total").await.unwrap();
        assert_eq!(total.as_deref(), Some("12"));
        let one: i64 = cache.incr(&counter, 1).await.unwrap();
        assert_eq!(one, 1);
        let () = cache.del(&[&key, &cart, &counter]).await.unwrap();
        let () = redis::cmd("PING").exec_async(&mut cache).await.unwrap();
    })
    .await;
    let spans = spans(&sent);
    let names: Vec<_> = spans.iter().map(|span| (span.op.as_str(), span.name.as_str())).collect();
    let any = "watchpost_partial:*";
    assert_eq!(
        names,
        [
            ("cache.put", any),
            ("cache.get", any),
            ("cache.put", any),
            ("cache.get", any),
            ("db.redis", "INCRBY watchpost_partial:*"),
            ("cache.remove", any),
            ("db.redis", "PING"),
        ]
    );
    let several = spans[1];
    assert_eq!(several.data["cache.hit"], false);
    assert_eq!((&several.data["redis.keys.requested"], &several.data["redis.keys.found"]), (&2.into(), &1.into()));
    assert_eq!((data(spans[3], "cache.hit"), data(spans[3], "cache.item_size")), (&true.into(), &2.into()));
    assert_eq!(spans[4].data["db.redis.key"], any);
    assert!(data(spans[4], "cache.hit").is_null());
}

#[tokio::test]
async fn pipelines_and_transactions() {
    let Some((client, key)) = client("pipelines") else { return };
    let mut cache = Monitored::new(client.get_multiplexed_async_connection().await.unwrap());
    let sent = below_a_root(async {
        let (one, two): (String, i64) =
            redis::pipe().set(&key, 1).ignore().get(&key).incr(&key, 1).query_async(&mut cache).await.unwrap();
        assert_eq!((one.as_str(), two), ("1", 2));
        let (three,): (i64,) =
            redis::pipe().atomic().incr(&key, 1).expire(&key, 10).ignore().query_async(&mut cache).await.unwrap();
        assert_eq!(three, 3);
        // An error of one of several, inside of an answer that is `Ok`.
        let () = cache.set(&key, "text").await.unwrap();
        let failed: RedisResult<(i64, String)> =
            redis::pipe().atomic().incr(&key, 1).get(&key).query_async(&mut cache).await;
        assert!(failed.is_err());
        let () = cache.del(&key).await.unwrap();
    })
    .await;
    let spans = spans(&sent);
    let told: Vec<_> = spans.iter().map(|span| (span.name.as_str(), span.status.unwrap())).collect();
    assert_eq!(
        told,
        [
            ("PIPELINE SET GET INCRBY", SpanStatus::Ok),
            ("MULTI INCRBY EXPIRE", SpanStatus::Ok),
            ("watchpost_pipelines:*", SpanStatus::Ok),
            ("MULTI INCRBY GET", SpanStatus::InternalError),
            ("watchpost_pipelines:*", SpanStatus::Ok),
        ]
    );
    assert_eq!(spans[0].data["db.operation.batch.size"], 3);
    assert_eq!(spans[1].data["db.operation.name"], "MULTI");
    assert!(spans[3].data["db.response.status_code"].is_string(), "{:?}", spans[3]);
}

#[test]
fn a_blocking_connection() {
    let Some((client, key)) = client("blocking") else { return };
    let mut cache = Monitored::new(client.get_connection().unwrap());
    let sent = capture(|| {
        transaction("test", "root").run(|| {
            let () = cache.set(&key, "text").unwrap();
            let hit: Option<String> = cache.get(&key).unwrap();
            assert_eq!(hit.as_deref(), Some("text"));
            let wrong: RedisResult<i64> = cache.incr(&key, 1);
            assert!(wrong.is_err());
            let (text,): (String,) = redis::pipe().atomic().get(&key).query(&mut cache).unwrap();
            assert_eq!(text, "text");
            let () = redis::pipe().del(&key).exec(&mut cache).unwrap();
        });
    });
    let spans = spans(&sent);
    let told: Vec<_> = spans.iter().map(|span| (span.op.as_str(), span.name.as_str(), span.status.unwrap())).collect();
    let any = "watchpost_blocking:*";
    assert_eq!(
        told,
        [
            ("cache.put", any, SpanStatus::Ok),
            ("cache.get", any, SpanStatus::Ok),
            ("db.redis", "INCRBY watchpost_blocking:*", SpanStatus::InternalError),
            ("db.redis", "MULTI GET", SpanStatus::Ok),
            ("db.redis", "PIPELINE DEL", SpanStatus::Ok),
        ]
    );
    assert_eq!(data(spans[1], "cache.hit"), &true);
    assert!(data(spans[2], "error.type").is_string());
}

#[capture_errors(category = "booking")]
async fn count(cache: &mut Monitored<redis::aio::MultiplexedConnection>, key: &str) -> RedisResult<i64> {
    cache.incr(key, 1).await
}

#[tokio::test]
async fn an_error_is_reported_once_by_whoever_is_to() {
    let Some((client, key)) = client("errors") else { return };
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    for (mut cache, category) in [
        (Monitored::new(connection.clone()), "cache"),
        (Monitored::new(connection.clone()).report_errors(false), "booking"),
    ] {
        let () = cache.set(&key, "text").await.unwrap();
        let sent = below_a_root(async {
            count(&mut cache, &key).await.unwrap_err();
        })
        .await;
        assert_eq!(sent.events.len(), 1, "{category}");
        let event = &sent.events[0];
        assert_eq!(event.tags["error.category"], category);
        let crumb = event.breadcrumbs.iter().any(|crumb| {
            crumb.category.as_deref() == Some("cache")
                && crumb.message.as_deref() == Some("INCRBY watchpost_errors:* failed")
        });
        assert!(crumb || category == "cache", "{:?}", event.breadcrumbs);
        let span = sent.span("INCRBY watchpost_errors:*").unwrap();
        assert_eq!(span.status, Some(SpanStatus::InternalError));
        let () = cache.del(&key).await.unwrap();
    }
    // An error of one of several becomes part of another.
    let mut cache = Monitored::new(connection);
    let () = cache.set(&key, "text").await.unwrap();
    let sent = below_a_root(async {
        count_both(&mut cache, &key).await.unwrap_err();
    })
    .await;
    assert_eq!(sent.events.len(), 1, "{:?}", sent.events);
    assert_eq!(sent.events[0].tags["error.category"], "cache");
    let () = cache.del(&key).await.unwrap();
}

#[capture_errors(category = "booking")]
async fn count_both(cache: &mut Monitored<redis::aio::MultiplexedConnection>, key: &str) -> RedisResult<(i64, i64)> {
    redis::pipe().incr(key, 1).incr(key, 1).query_async(cache).await
}

#[capture_errors(category = "booking")]
async fn age(cache: &mut Monitored<redis::aio::MultiplexedConnection>, key: &str) -> RedisResult<u8> {
    cache.get(key).await
}

#[tokio::test]
async fn an_error_tells_no_value_and_no_key() {
    let Some((client, key)) = client("texts") else { return };
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut cache = Monitored::new(connection);
    let () = cache.set(&key, "tr0ub4dor").await.unwrap();
    let sent = below_a_root(async {
        age(&mut cache, &key).await.unwrap_err();
        redis::cmd("NOSUCH").arg("user:alice").arg("tr0ub4dor").exec_async(&mut cache).await.unwrap_err();
        let mut read = redis::cmd("XREADGROUP");
        let read = read.arg(&["GROUP", "workers", "one", "STREAMS", "inbox:alice", ">"]);
        read.exec_async(&mut cache).await.unwrap_err();
    })
    .await;
    let () = cache.del(&key).await.unwrap();
    let mut events = sent.events.clone();
    for event in &mut events {
        Redactor::new().event(event);
    }
    let left = format!("{events:?} {:?}", sent.transactions);
    assert_eq!(events.len(), 3);
    for private in ["tr0ub4dor", "alice"] {
        assert!(!left.contains(private), "{private} leaves: {left}");
    }
}

#[tokio::test]
async fn slow_once_a_minute() {
    let Some((client, key)) = client("slow") else { return };
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut cache = Monitored::new(connection).slow_after(Duration::ZERO);
    let sent = below_a_root(async {
        for _ in 0..2 {
            let _: Option<String> = cache.get(&key).await.unwrap();
        }
    })
    .await;
    let [event] = &sent.events[..] else { panic!("{:?}", sent.events) };
    assert_eq!(event.message.as_deref(), Some("Slow cache operation: GET watchpost_slow:*"));
    assert_eq!((event.level, event.tags["error.category"].as_str()), (Level::Warning, "cache"));
    let spans = spans(&sent);
    assert_eq!(sent.span_of(event).map(|span| span.id), Some(spans[0].id), "told of the span that it is about");
    assert_eq!(spans[0].data["slow"], true);
}

#[tokio::test]
async fn to_wait_is_not_to_be_slow_and_may_be_cancelled() {
    let Some((client, key)) = client("waits") else { return };
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut cache = Monitored::new(connection).slow_after(Duration::ZERO);
    let sent = below_a_root(async {
        let () = redis::cmd("BLPOP").arg(&key).arg("0.01").exec_async(&mut cache).await.unwrap();
        let mut read = redis::cmd("XREAD");
        let () = read.arg(&["BLOCK", "10", "STREAMS", &key, "$"]).exec_async(&mut cache).await.unwrap();
        let mut command = redis::cmd("BLPOP");
        let waits = command.arg(&key).arg(1).exec_async(&mut cache);
        assert!(tokio::time::timeout(Duration::from_millis(5), waits).await.is_err());
    })
    .await;
    assert!(sent.events.is_empty(), "{:?}", sent.events);
    let spans = spans(&sent);
    assert!(data(spans[0], "slow").is_null());
    assert_eq!(spans[2].status, Some(SpanStatus::Cancelled));
}

#[tokio::test]
async fn keys_as_the_program_says() {
    let Some((client, key)) = client("keys") else { return };
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let plain = Monitored::new(connection);
    let mut own = plain.clone().key_template(|_| "mine".into());
    let mut full = plain.clone().full_keys();
    let mut some = plain.cache_prefixes(["cache:"]);
    let sent = below_a_root(async {
        let _: Option<String> = own.get(&key).await.unwrap();
        let _: Option<String> = full.get(&key).await.unwrap();
        let _: Option<String> = some.get(&key).await.unwrap();
        let _: Option<String> = some.get("cache:x").await.unwrap();
    })
    .await;
    let spans = spans(&sent);
    let told: Vec<_> = spans.iter().map(|span| (span.op.as_str(), span.name.as_str())).collect();
    let expected =
        [("cache.get", "mine"), ("cache.get", &key), ("db.redis", "GET watchpost_keys:*"), ("cache.get", "cache:*")];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn without_a_trace_nothing_is_recorded_and_errors_leave_a_breadcrumb() {
    let Some((client, key)) = client("unsampled") else { return };
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut cache = Monitored::new(connection);
    let () = cache.set(&key, "text").await.unwrap();
    let sent = capture_async_with(options().traces_sample_rate(0.0), async {
        count(&mut cache, &key).await.unwrap_err();
    })
    .await;
    assert!(sent.transactions.is_empty());
    let [event] = &sent.events[..] else { panic!("{:?}", sent.events) };
    assert!(event.breadcrumbs.iter().any(|crumb| crumb.category.as_deref() == Some("cache")));
    let alone = capture_async(async {
        let _: Option<String> = cache.get(&key).await.unwrap();
    })
    .await;
    assert!(alone.envelopes.is_empty(), "no span is open: {:?}", alone.envelopes);
    let () = cache.del(&key).await.unwrap();
}

/// A connection that fails in one way.
struct Broken(std::io::ErrorKind);

impl redis::aio::ConnectionLike for Broken {
    fn req_packed_command<'a>(&'a mut self, _: &'a redis::Cmd) -> redis::RedisFuture<'a, redis::Value> {
        let error = std::io::Error::from(self.0);
        Box::pin(std::future::ready(Err(error.into())))
    }
    fn req_packed_commands<'a>(
        &'a mut self,
        _: &'a redis::Pipeline,
        _: usize,
        _: usize,
    ) -> redis::RedisFuture<'a, Vec<redis::Value>> {
        // What a transaction answers whose watched key has changed.
        Box::pin(std::future::ready(Ok(vec![redis::Value::Nil])))
    }
    fn get_db(&self) -> i64 {
        0
    }
}

#[tokio::test]
async fn what_fails_on_the_way() {
    use std::io::ErrorKind::{BrokenPipe, ConnectionRefused, TimedOut};
    for (kind, status, told) in [
        (ConnectionRefused, SpanStatus::Unavailable, "connection refused"),
        (BrokenPipe, SpanStatus::Unavailable, "I/O error"),
        (TimedOut, SpanStatus::DeadlineExceeded, "timeout"),
    ] {
        let mut cache = Monitored::new(Broken(kind));
        let sent = below_a_root(async {
            let failed: RedisResult<String> = cache.get("user:17").await;
            assert!(failed.is_err());
        })
        .await;
        let span = spans(&sent)[0];
        assert_eq!((span.status, data(span, "error.type")), (Some(status), &told.into()));
        assert!(data(span, "db.response.status_code").is_null(), "the server said nothing");
        assert_eq!(sent.events[0].tags["error.category"], "cache");
    }
    let mut cache = Monitored::new(Broken(BrokenPipe));
    let sent = below_a_root(async {
        let given_up: Option<(i64,)> = redis::pipe().atomic().incr("n", 1).query_async(&mut cache).await.unwrap();
        assert_eq!(given_up, None);
    })
    .await;
    assert_eq!(spans(&sent)[0].status, Some(SpanStatus::Aborted));
    assert!(sent.events.is_empty(), "a transaction that is to be tried again is no error");
}
