//! A quorum queue of RabbitMQ. A failed attempt is put into the queue anew, with its count in a header; what comes back by itself
//! (`x-delivery-count`) was with a worker that went away.

use futures_util::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
    QueueDeclareOptions, QueueDeleteOptions,
};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use watchpost::TraceHeaders;
use watchpost_integration_tests::{AMQP, Server};

use super::{Delivery, Error, Job, Queue};

const FAILURES: &str = "x-failures";
const LOST: &str = "x-lost";
const REDELIVERIES: &str = "x-delivery-count";

pub(crate) struct Quorum {
    _connection: Connection,
    channel: Channel,
    consumer: Option<Consumer>,
    name: String,
}

/// What is known of a message beside its body.
pub(crate) struct Receipt {
    delivery: lapin::message::Delivery,
    failures: u32,
}

impl Quorum {
    async fn publish(&self, job: &Job, trace: &TraceHeaders, counts: [(&str, u32); 2]) -> Result<(), Error> {
        let mut headers = headers_with(trace);
        for (name, count) in counts {
            headers.insert(ShortString::from(name), AMQPValue::LongUInt(count));
        }
        let properties = BasicProperties::default()
            .with_headers(headers)
            .with_message_id(job.id.as_str().into())
            .with_delivery_mode(2);
        self.channel
            .basic_publish(
                "".into(),
                self.name.as_str().into(),
                BasicPublishOptions::default(),
                job.kind.as_bytes(),
                properties,
            )
            .await?
            .await?;
        Ok(())
    }
}

impl Queue for Quorum {
    const SYSTEM: &'static str = "rabbitmq";
    const SERVER: Server = AMQP;
    type Receipt = Receipt;

    async fn open(url: &str, name: &str) -> Result<Self, Error> {
        let connection = Connection::connect(url, ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        let mut kind = FieldTable::default();
        kind.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(name.into(), options, kind).await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await?;
        channel.basic_qos(1, BasicQosOptions::default()).await?;
        Ok(Self { _connection: connection, channel, consumer: None, name: name.to_owned() })
    }

    async fn push(&self, job: &Job, trace: &TraceHeaders) -> Result<(), Error> {
        self.publish(job, trace, [(FAILURES, 0), (LOST, 0)]).await
    }

    async fn take(&mut self) -> Result<Delivery<Receipt>, Error> {
        let consumer = match &mut self.consumer {
            Some(consumer) => consumer,
            none => {
                let (queue, tag) = (self.name.as_str().into(), "worker".into());
                let options = BasicConsumeOptions::default();
                none.insert(self.channel.basic_consume(queue, tag, options, FieldTable::default()).await?)
            }
        };
        let delivery = consumer.next().await.ok_or("the consumer was cancelled")??;
        let headers = delivery.properties.headers().clone().unwrap_or_default();
        let count = |name: &str| headers.inner().get(name).and_then(number).unwrap_or_default();
        let lost = count(LOST) + count(REDELIVERIES);
        Ok(Delivery {
            job: Job {
                id: delivery.properties.message_id().as_ref().map(ToString::to_string).unwrap_or_default(),
                kind: String::from_utf8_lossy(&delivery.data).into_owned(),
            },
            attempt: count(FAILURES) + lost + 1,
            lost,
            trace: trace_of(&headers),
            receipt: Receipt { failures: count(FAILURES), delivery },
        })
    }

    async fn done(&mut self, delivery: Delivery<Receipt>) -> Result<(), Error> {
        delivery.receipt.delivery.ack(BasicAckOptions::default()).await?;
        Ok(())
    }

    async fn again(&mut self, delivery: Delivery<Receipt>) -> Result<(), Error> {
        let counts = [(FAILURES, delivery.receipt.failures + 1), (LOST, delivery.lost)];
        self.publish(&delivery.job, &delivery.trace, counts).await?;
        self.done(delivery).await
    }

    async fn remove(self) -> Result<(), Error> {
        self.channel.queue_delete(self.name.as_str().into(), QueueDeleteOptions::default()).await?;
        Ok(())
    }
}

// [docs: lapin
fn headers_with(trace: &TraceHeaders) -> FieldTable {
    let mut headers = FieldTable::default();
    for (name, value) in trace.iter() {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    }
    headers
}

fn trace_of(headers: &FieldTable) -> TraceHeaders {
    let text = |value: &AMQPValue| Some(value.as_long_string()?.to_string());
    TraceHeaders::from_pairs(headers.inner().iter().filter_map(|(name, value)| Some((name.to_string(), text(value)?))))
}
// docs]

/// The broker writes its count as a signed 64-bit number, others as they like.
fn number(value: &AMQPValue) -> Option<u32> {
    match *value {
        AMQPValue::LongUInt(count) => Some(count),
        AMQPValue::LongInt(count) => count.try_into().ok(),
        AMQPValue::LongLongInt(count) => count.try_into().ok(),
        _ => None,
    }
}
