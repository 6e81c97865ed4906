//! The hub of the main thread, of which those of other threads are made. Apart, for a client on it is everybody's.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Barrier, Mutex};

use sentry_core::{Client, Envelope, Hub, Transport};
use watchpost::{span, testing};

#[derive(Clone, Default)]
struct Sent(Arc<Mutex<Vec<(String, usize)>>>);

impl Transport for Sent {
    fn send_envelope(&self, envelope: Envelope) {
        for item in envelope.items() {
            if let sentry_core::protocol::EnvelopeItem::Transaction(transaction) = item {
                let name = transaction.name.clone().unwrap_or_default();
                self.0.lock().unwrap().push((name, transaction.spans.len()));
            }
        }
    }
}

#[test]
fn a_thread_that_begins_below_a_span_of_the_main_thread_does_not_stay_there() {
    let sent = Sent::default();
    let mut options = testing::options();
    options.dsn = "https://public@sentry.invalid/1".parse().ok();
    options.transport = Some(Arc::new({
        let sent = sent.clone();
        move |_: &sentry_core::ClientOptions| -> Arc<dyn Transport> { Arc::new(sent.clone()) }
    }));
    Hub::main().bind_client(Some(Arc::new(Client::with_options(options))));
    let ended = Arc::new(Barrier::new(2));
    let thread = Hub::run(Hub::main(), || {
        span("function", "of the main thread").run(|| {
            let ended = ended.clone();
            let begun = Arc::new(Barrier::new(2));
            let thread = std::thread::spawn({
                let begun = begun.clone();
                move || {
                    span("function", "meanwhile").run(|| ());
                    begun.wait();
                    ended.wait();
                    span("function", "afterwards").run(|| ());
                }
            });
            begun.wait();
            thread
        })
    });
    ended.wait();
    thread.join().unwrap();
    let sent = sent.0.lock().unwrap().clone();
    assert_eq!(sent, [("meanwhile".to_owned(), 0), ("of the main thread".to_owned(), 0), ("afterwards".to_owned(), 0)]);
}
