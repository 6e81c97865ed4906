//! The proof that the search for leaks finds leaks: the same day, sent past the redactor.
//!
//! In a binary of its own: the client is the whole process's.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod planted;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use planted::Planted;
use sentry_core::{ClientOptions, Envelope, Hub, Transport};
use watchpost::Config;
use watchpost_cli::receiver::Receiver;
use watchpost_examples::replay::{self, Day};
use watchpost_examples::service::Service;

/// Sends every envelope as the SDK made it.
struct Unredacted(SocketAddr);

impl Transport for Unredacted {
    fn send_envelope(&self, envelope: Envelope) {
        let mut body = Vec::new();
        envelope.to_writer(&mut body).unwrap();
        let mut stream = TcpStream::connect(self.0).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /api/1/envelope/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        )
        .unwrap();
        stream.write_all(&body).unwrap();
        stream.read_to_end(&mut body).unwrap();
    }
}

#[test]
fn without_the_redactor_the_search_is_red() {
    let receiver = Receiver::start(0).unwrap();
    let config = Config::for_environment("staging").dsn(&receiver.dsn()).traces_sample_rate(1.0).storm_limit(0);
    let mut options = config.client_options();
    let address = receiver.address();
    options.transport = Some(Arc::new(move |_: &ClientOptions| Arc::new(Unredacted(address)) as Arc<dyn Transport>));
    Hub::current().bind_client(Some(Arc::new(options.into())));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let service = Service::start(0, None).await.unwrap();
        let played = replay::play(&Day::bundled().unwrap(), service.address, &service.shop.keys).await.unwrap();
        assert_eq!(played.surprises, Vec::<String>::new());
        assert!(service.drain(Duration::from_secs(15)).await.unwrap());
        service.stop().await;
    });
    let planted = Planted::of(include_str!("../data/requests.jsonl"));
    let found = planted.found_in(&receiver.requests());
    // All customers' addresses are on their transactions; few cards are refused.
    assert!(found.len() > planted.count("e-mail") / 2, "{found:?}");
    for kind in ["e-mail ", "card number "] {
        assert!(found.iter().any(|leak| leak.starts_with(kind)), "no {kind}among {found:?}");
    }
}
