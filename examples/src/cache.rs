//! What is kept for a while: in Redis, or without one in this very process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, RedisResult};
use tracing::warn;
use watchpost::redis::{Monitored, template};
use watchpost::{SpanBuilder, current_span, span};

/// Texts under keys, each for a time. Look-ups are told as hits and misses, under their keys' templates, wherever they are kept.
pub enum Cache {
    InProcess(Mutex<HashMap<String, (String, Instant)>>),
    Redis(Monitored<ConnectionManager>),
}

impl Cache {
    pub fn in_process() -> Self {
        Self::InProcess(Mutex::default())
    }

    /// Connects to Redis; what is lost is connected anew.
    ///
    /// # Errors
    /// When there is none at this URL.
    pub async fn redis(url: &str) -> RedisResult<Self> {
        let client = Client::open(url)?;
        let settings = ConnectionManagerConfig::new().set_number_of_retries(1);
        let connection = ConnectionManager::new_with_config(client.clone(), settings).await?;
        // A cache that is away is no failure: what was not found is looked up where it comes from.
        Ok(Self::Redis(Monitored::new(connection).connected_to(&client).report_errors(false)))
    }

    pub async fn get(&self, key: &str) -> Option<String> {
        match self {
            Self::InProcess(kept) => operation("get", key).run(|| {
                let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let found = kept.get(key).filter(|(_, until)| Instant::now() < *until).map(|(value, _)| value.clone());
                current_span().set_field("cache.hit", found.is_some());
                current_span().set_field("cache.item_size", found.as_ref().map(String::len));
                found
            }),
            Self::Redis(connection) => connection.clone().get(key).await.unwrap_or_else(|error| {
                warn!(%error, "the cache is away");
                None
            }),
        }
    }

    pub async fn put(&self, key: &str, value: String, for_seconds: u64) {
        match self {
            Self::InProcess(kept) => {
                let put = operation("put", key).field("cache.item_size", value.len()).field("cache.ttl", for_seconds);
                put.field("cache.write", true).run(|| {
                    let now = Instant::now();
                    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.retain(|_, (_, until)| now < *until);
                    kept.insert(key.to_owned(), (value, now + Duration::from_secs(for_seconds)));
                });
            }
            Self::Redis(connection) => {
                let put: RedisResult<()> = connection.clone().set_ex(key, value, for_seconds).await;
                if let Err(error) = put {
                    warn!(%error, "the cache is away");
                }
            }
        }
    }
}

/// A span by Sentry's conventions for caches, as `watchpost::redis` makes them.
fn operation(name: &'static str, key: &str) -> SpanBuilder {
    let key = template(key).into_owned();
    span(format!("cache.{name}"), key.clone()).only_as_child().field("cache.key", [key]).field("cache.operation", name)
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::InProcess(_) => "Cache::InProcess",
            Self::Redis(_) => "Cache::Redis",
        })
    }
}
