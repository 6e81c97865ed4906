//! A work queue of NATS JetStream. A failed attempt is published anew, with its count in a header; what is delivered more than once
//! was with a worker that did not answer in time.

use async_nats::HeaderMap;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::stream::{Config, RetentionPolicy};
use async_nats::jetstream::{self, Context, Message};
use futures_util::StreamExt as _;
use watchpost::TraceHeaders;
use watchpost_integration_tests::{NATS, Server};

use super::{Delivery, Error, Job, LEASE, Queue};

const ID: &str = "Job-Id";
const FAILURES: &str = "Job-Failures";
const LOST: &str = "Job-Lost";

pub(crate) struct JetStream {
    context: Context,
    messages: pull::Stream,
    name: String,
}

pub(crate) struct Receipt {
    message: Message,
    failures: u32,
}

impl JetStream {
    async fn publish(&self, job: &Job, trace: &TraceHeaders, counts: [(&str, u32); 2]) -> Result<(), Error> {
        let mut headers = HeaderMap::new();
        headers.insert(ID, job.id.as_str());
        for (name, value) in trace.iter() {
            headers.insert(name, value);
        }
        for (name, count) in counts {
            headers.insert(name, count.to_string().as_str());
        }
        let sent = self.context.publish_with_headers(self.name.clone(), headers, job.kind.clone().into()).await?;
        sent.await?;
        Ok(())
    }
}

impl Queue for JetStream {
    const SYSTEM: &'static str = "nats";
    const SERVER: Server = NATS;
    type Receipt = Receipt;

    async fn open(url: &str, name: &str) -> Result<Self, Error> {
        let context = jetstream::new(async_nats::connect(url).await?);
        let config = Config {
            name: name.to_owned(),
            subjects: vec![name.to_owned()],
            retention: RetentionPolicy::WorkQueue,
            ..Config::default()
        };
        let stream = context.get_or_create_stream(config).await?;
        let config =
            pull::Config { durable_name: Some("workers".to_owned()), ack_wait: LEASE, ..pull::Config::default() };
        let consumer = stream.get_or_create_consumer("workers", config).await?;
        let messages = consumer.stream().max_messages_per_batch(1).messages().await?;
        Ok(Self { context, messages, name: name.to_owned() })
    }

    async fn push(&self, job: &Job, trace: &TraceHeaders) -> Result<(), Error> {
        self.publish(job, trace, [(FAILURES, 0), (LOST, 0)]).await
    }

    async fn take(&mut self) -> Result<Delivery<Receipt>, Error> {
        let message = self.messages.next().await.ok_or("the stream is gone")??;
        let empty = HeaderMap::new();
        let headers = message.headers.as_ref().unwrap_or(&empty);
        let text = |name: &str| headers.get(name).map(|value| value.as_str().to_owned()).unwrap_or_default();
        let count = |name: &str| text(name).parse().unwrap_or(0u32);
        let redelivered = u32::try_from(message.info()?.delivered - 1)?;
        let (failures, lost) = (count(FAILURES), count(LOST) + redelivered);
        let pairs: Vec<(String, String)> = headers
            .iter()
            .filter_map(|(name, values)| Some((name.to_string(), values.first()?.as_str().to_owned())))
            .collect();
        Ok(Delivery {
            job: Job { id: text(ID), kind: String::from_utf8_lossy(&message.payload).into_owned() },
            attempt: failures + lost + 1,
            lost,
            trace: TraceHeaders::from_pairs(pairs),
            receipt: Receipt { message, failures },
        })
    }

    async fn done(&mut self, delivery: Delivery<Receipt>) -> Result<(), Error> {
        // With an answer: an acknowledgement that is lost with this process would bring the job back.
        delivery.receipt.message.double_ack().await
    }

    async fn again(&mut self, delivery: Delivery<Receipt>) -> Result<(), Error> {
        let counts = [(FAILURES, delivery.receipt.failures + 1), (LOST, delivery.lost)];
        self.publish(&delivery.job, &delivery.trace, counts).await?;
        self.done(delivery).await
    }

    async fn remove(self) -> Result<(), Error> {
        self.context.delete_stream(&self.name).await?;
        Ok(())
    }
}
