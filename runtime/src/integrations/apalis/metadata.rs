//! The producer's trace in a job's metadata.

use std::convert::Infallible;

use apalis_core::task::metadata::{Metadata, MetadataStore};

use crate::TraceHeaders;

/// The headers of a trace in a job's metadata, under their own names, so that workers in other languages find them.
///
/// ```
/// use apalis_core::task::builder::TaskBuilder;
/// use watchpost::apalis::TraceMetadata;
///
/// let job = TaskBuilder::new("alice").metadata(&TraceMetadata::current()).build();
/// # drop(job);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceMetadata(TraceHeaders);

impl TraceMetadata {
    /// Of the span under way, with the time of now as that of enqueueing; empty without a client.
    pub fn current() -> Self {
        let headers = TraceHeaders::current();
        Self(if headers.is_empty() { headers } else { headers.with_enqueued_at(std::time::SystemTime::now()) })
    }

    /// The headers.
    pub fn headers(&self) -> &TraceHeaders {
        &self.0
    }
}

impl From<TraceHeaders> for TraceMetadata {
    fn from(headers: TraceHeaders) -> Self {
        Self(headers)
    }
}

impl Metadata for TraceMetadata {
    type Error = Infallible;

    fn extract(store: &MetadataStore) -> Result<Self, Self::Error> {
        Ok(Self(TraceHeaders::from_pairs(store.iter())))
    }

    /// A header that the job carries already stays: what was said first about a trace counts.
    fn inject(&self, store: &mut MetadataStore) -> Result<(), Self::Error> {
        for (name, value) in self.0.iter().filter(|(name, _)| !store.contains_key(name)).collect::<Vec<_>>() {
            // It fails for a key that is there, and this one is not.
            let _ = store.insert(name, value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_out_as_it_went_in() {
        let headers = TraceHeaders::from_pairs([
            ("sentry-trace", "771a43a4192642f0b136d5159a501700-7c51afd529da4a2a-1"),
            ("baggage", "sentry-release=shop%401"),
        ]);
        let mut store = MetadataStore::new();
        store.insert("tenant", "7").unwrap();
        TraceMetadata::from(headers.clone()).inject(&mut store).unwrap();
        // Twice is once.
        TraceMetadata::current().inject(&mut store).unwrap();
        assert_eq!(TraceMetadata::extract(&store).unwrap().headers(), &headers);
        assert_eq!((store.get("tenant"), store.len()), (Some("7"), 3));
    }
}
