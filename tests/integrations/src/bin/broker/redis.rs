//! A Redis stream with a consumer group: what was taken and not acknowledged stays pending and is claimed again. Redis counts the
//! deliveries, the worker its failures: the difference was lost.

use std::collections::HashMap;

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, cmd};
use watchpost::TraceHeaders;
use watchpost_integration_tests::{REDIS, Server};

use super::{Delivery, Error, Job, LEASE, POLL, Queue};

const GROUP: &str = "workers";

pub(crate) struct Stream {
    connection: MultiplexedConnection,
    key: String,
    failures: String,
    consumer: String,
    /// Failed here, and free to be taken again at once.
    again: Vec<String>,
}

type Entry = (String, HashMap<String, String>);

impl Stream {
    async fn next(&mut self) -> RedisResult<Option<Entry>> {
        let mut connection = self.connection.clone();
        if let Some(id) = self.again.pop() {
            let claimed: Vec<Entry> =
                cmd("XCLAIM").arg(&[&self.key, GROUP, &self.consumer, "0", &id]).query_async(&mut connection).await?;
            return Ok(claimed.into_iter().next());
        }
        let lease = LEASE.as_millis().to_string();
        let (_, abandoned, _): (String, Vec<Entry>, Vec<String>) = cmd("XAUTOCLAIM")
            .arg(&[&self.key, GROUP, &self.consumer, &lease, "0", "COUNT", "1"])
            .query_async(&mut connection)
            .await?;
        if let Some(entry) = abandoned.into_iter().next() {
            return Ok(Some(entry));
        }
        let fresh: Option<Vec<(String, Vec<Entry>)>> = cmd("XREADGROUP")
            .arg(&["GROUP", GROUP, &self.consumer, "COUNT", "1", "STREAMS", &self.key, ">"])
            .query_async(&mut connection)
            .await?;
        Ok(fresh.into_iter().flatten().flat_map(|(_, entries)| entries).next())
    }
}

impl Queue for Stream {
    const SYSTEM: &'static str = "redis";
    const SERVER: Server = REDIS;
    type Receipt = String;

    async fn open(url: &str, name: &str) -> Result<Self, Error> {
        let connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
        let key = format!("watchpost:{name}");
        let made: RedisResult<()> =
            cmd("XGROUP").arg(&["CREATE", &key, GROUP, "0", "MKSTREAM"]).query_async(&mut connection.clone()).await;
        if let Err(err) = made
            && err.code() != Some("BUSYGROUP")
        {
            return Err(err.into());
        }
        let consumer = std::process::id().to_string();
        Ok(Self { connection, failures: format!("{key}:failures"), key, consumer, again: Vec::new() })
    }

    async fn push(&self, job: &Job, trace: &TraceHeaders) -> Result<(), Error> {
        let mut add = cmd("XADD");
        add.arg(&self.key).arg("*").arg("id").arg(&job.id).arg("kind").arg(&job.kind);
        for (name, value) in trace.iter() {
            add.arg(name).arg(value);
        }
        Ok(add.query_async(&mut self.connection.clone()).await?)
    }

    async fn take(&mut self) -> Result<Delivery<String>, Error> {
        let (entry, mut fields) = loop {
            match self.next().await? {
                Some(entry) => break entry,
                None => tokio::time::sleep(POLL).await,
            }
        };
        let mut connection = self.connection.clone();
        let pending: Vec<(String, String, u64, u32)> =
            cmd("XPENDING").arg(&[&self.key, GROUP, &entry, &entry, "1"]).query_async(&mut connection).await?;
        let attempt = pending.first().map_or(1, |(_, _, _, delivered)| *delivered);
        let failures: Option<u32> = cmd("HGET").arg(&[&self.failures, &entry]).query_async(&mut connection).await?;
        Ok(Delivery {
            trace: TraceHeaders::from_pairs(&fields),
            job: Job { id: fields.remove("id").unwrap_or_default(), kind: fields.remove("kind").unwrap_or_default() },
            attempt,
            lost: (attempt - 1).saturating_sub(failures.unwrap_or_default()),
            receipt: entry,
        })
    }

    async fn done(&mut self, delivery: Delivery<String>) -> Result<(), Error> {
        let mut connection = self.connection.clone();
        let _: () = cmd("XACK").arg(&[&self.key, GROUP, &delivery.receipt]).query_async(&mut connection).await?;
        Ok(cmd("HDEL").arg(&[&self.failures, &delivery.receipt]).query_async(&mut connection).await?)
    }

    async fn again(&mut self, delivery: Delivery<String>) -> Result<(), Error> {
        let count = cmd("HINCRBY").arg(&[&self.failures, &delivery.receipt, "1"]).clone();
        let _: () = count.query_async(&mut self.connection.clone()).await?;
        self.again.push(delivery.receipt);
        Ok(())
    }

    async fn remove(self) -> Result<(), Error> {
        Ok(cmd("DEL").arg(&[&self.key, &self.failures]).query_async(&mut self.connection.clone()).await?)
    }
}
