//! Where envelopes are kept that cannot be delivered at once: the delivery's side of it.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use sentry_core::client_report::Recorder;

use super::carrier::Parcel;
use super::counts::Counters;
use super::http::Http;

/// A place where what cannot be delivered is kept until it can be, over the end of the process.
#[derive(Clone)]
pub struct Store(pub(super) Arc<dyn Open>);

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a store is opened for a client.
pub(super) trait Open: fmt::Debug + Send + Sync {
    /// # Errors
    /// The place cannot be used; delivery goes on without it.
    fn open(&self, way: Box<Way>) -> Result<Arc<dyn Keep>, (io::Error, Box<Way>)>;
}

/// A store in use. It delivers by itself.
pub(super) trait Keep: Send + Sync {
    /// Takes an envelope over; it is counted from there.
    fn keep(&self, parcel: Parcel);
    /// Tries what is there, at most until the deadline; false when something is still there then, or cannot be sent now.
    fn settle(&self, deadline: Instant) -> bool;
    /// Sends no more. What is there stays there.
    fn close(&self);
}

/// What a store needs for delivering.
#[derive(Debug)]
#[cfg_attr(not(feature = "spool"), expect(dead_code, reason = "read by the stores that features bring"))]
pub(super) struct Way {
    pub(super) http: Http,
    pub(super) counters: Arc<Counters>,
    pub(super) recorder: Recorder,
    /// Whose envelopes they are: those of one DSN are never sent to another.
    pub(super) account: String,
}
