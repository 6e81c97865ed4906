//! A finished span, until its root hands it over.

use sentry_core::protocol::SpanStatus;

use super::clock::Instant;
use super::frame::More;
use super::polls::Polls;
use crate::CallSite;

/// One finished span: 56 bytes, in the buffer of the thread or future that its trace runs on.
#[derive(Debug)]
pub(crate) struct Record {
    pub(super) site: &'static CallSite,
    pub(super) id: u64,
    pub(super) parent: u64,
    pub(super) start: Instant,
    pub(super) end: Instant,
    /// What few spans have: fields, names of their own, counts of polls.
    pub(super) more: Option<Box<More>>,
    pub(super) status: SpanStatus,
    pub(super) slow: bool,
    /// Of a future; where [`More::polls`] is not told, it was polled once.
    pub(super) of_future: bool,
}

impl Record {
    /// Whether there is more to say than name, times and status.
    pub(super) fn tells(&self) -> bool {
        self.more.is_some() || self.slow || self.of_future || self.status != SpanStatus::Ok
    }

    /// How the future was polled, if it is one's.
    pub(super) fn polls(&self) -> Option<Polls> {
        let told = self.more.as_deref().and_then(|more| more.polls);
        told.or_else(|| {
            self.of_future.then(|| {
                let mut polls = Polls::default();
                polls.add(self.start, self.end);
                polls
            })
        })
    }
}

const _: () = assert!(size_of::<Record>() <= 64, "a record is at most one cache line");
