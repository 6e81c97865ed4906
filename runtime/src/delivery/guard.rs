//! The guard of `init`: it keeps the client, and waits for what was captured, never longer than allowed.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use sentry_core::{Client, ClientOptions, Envelope, Hub};

use super::counts::FlushReport;
use super::queue::Queue;
use super::transport::{Delivery, deadline, within};

/// The part of the shutdown's time that is not for sending, but for counting what was not sent.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// Keeps the client. When it is dropped, what was captured is sent, for at most the options' `shutdown_timeout`;
/// what is still waiting then is given up and counted.
#[must_use = "dropping the guard shuts the client down"]
pub struct Guard {
    /// None without a DSN: even a client that is off has threads.
    client: Option<Arc<Client>>,
    delivery: Delivery,
    queue: Weak<Queue>,
    /// Captures what others have still to tell, before a flush.
    last_words: Option<fn(&Client)>,
}

impl Guard {
    /// Makes the client of these options with this delivery and binds it to the current hub.
    ///
    /// The delivery is put into the options here. A DSN has to be in them; without one there is no client.
    pub fn bind(options: ClientOptions, delivery: Delivery) -> Self {
        #[cfg(feature = "release-health")]
        let session = options.auto_session_tracking && options.session_mode == sentry_core::SessionMode::Application;
        if options.dsn.is_none() {
            return Self { client: None, delivery, queue: Weak::new(), last_words: None };
        }
        let client = Arc::new(Client::from(delivery.install(options)));
        Hub::current().bind_client(Some(Arc::clone(&client)));
        #[cfg(feature = "release-health")]
        if session {
            sentry_core::start_session();
        }
        let queue = delivery.newest();
        Self { client: Some(client), delivery, queue, last_words: None }
    }

    /// Calls this before each flush and at the end, on a thread that is not the program's.
    pub(crate) fn with_last_words(mut self, last_words: fn(&Client)) -> Self {
        self.last_words = Some(last_words);
        self
    }

    /// Whether there is a DSN to send to, or a local destination.
    pub fn is_enabled(&self) -> bool {
        self.enabled().is_some()
    }

    fn enabled(&self) -> Option<Arc<Client>> {
        self.client.clone().filter(|client| client.is_enabled())
    }

    /// Waits until everything captured so far is dealt with, at most for `timeout`, and says what became of it.
    ///
    /// It blocks the thread: in async code call it where blocking is allowed. The report counts since the client began,
    /// so a second flush says at least what the first said.
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        if let Some(client) = self.enabled()
            && !super::muted()
        {
            let last_words = self.last_words;
            // Collecting logs and metrics takes locks of the SDK's, which others may hold: that must not take longer either.
            within(deadline(timeout), move |time| {
                let began = Instant::now();
                if drain(&client, last_words, time) {
                    client.flush(Some(time.saturating_sub(began.elapsed())));
                }
            });
        }
        FlushReport::from(&self.delivery.stats())
    }
}

/// Sends what waits, and then the report of what was lost until then, which would wait for the next envelope.
fn drain(client: &Client, last_words: Option<fn(&Client)>, time: Duration) -> bool {
    if let Some(last_words) = last_words {
        last_words(client);
    }
    let drained = client.flush(Some(time));
    if drained {
        client.send_envelope(Envelope::new());
    }
    drained
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("enabled", &self.is_enabled()).finish_non_exhaustive()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let Some(client) = self.enabled() else { return };
        #[cfg(feature = "release-health")]
        sentry_core::end_session();
        let time = client.options().shutdown_timeout;
        let queue = self.queue.upgrade();
        let last_words = self.last_words;
        within(deadline(time.saturating_sub(LAST_WORDS.min(time / 10))), move |time| {
            let began = Instant::now();
            drain(&client, last_words, time);
            client.close(Some(time.saturating_sub(began.elapsed())));
        });
        // Whatever the thread that was left alone is still at: what the program is told does not change any more.
        if let Some(queue) = queue {
            self.delivery.give_up(&queue);
        }
    }
}
