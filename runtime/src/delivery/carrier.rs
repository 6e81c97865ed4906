//! The last step: who takes an envelope away, and what became of it.

use std::sync::Arc;
#[cfg(feature = "transport")]
use std::time::Instant;

use sentry_core::protocol::EnvelopeItem;
use sentry_core::{Envelope, Transport};

use super::counts::{DropReason, Kind};
#[cfg(feature = "transport")]
use super::http::{Answer, Http};
#[cfg(feature = "transport")]
use super::limits::Limits;
#[cfg(feature = "transport")]
use super::store::Keep;

/// An envelope ready to leave.
#[derive(Debug)]
pub(super) struct Parcel {
    /// As it stands on the wire.
    pub(super) bytes: Vec<u8>,
    /// The same, typed; without the headers.
    pub(super) envelope: Envelope,
}

/// What became of a parcel.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The server has it.
    #[cfg(feature = "transport")]
    Delivered,
    /// The store has it, and counts it from here.
    #[cfg(feature = "transport")]
    Kept,
    /// Someone took it, and will not say more.
    HandedOver,
    /// It is lost; here are its items back.
    Lost(DropReason, Box<Envelope>),
}

/// Who takes parcels away.
pub(super) enum Carrier {
    /// Our own way to the server.
    #[cfg(feature = "transport")]
    Server(Http, Box<Limits>),
    /// A store, which takes them to the server in its own time.
    #[cfg(feature = "transport")]
    Store(Arc<dyn Keep>),
    /// A transport of the program's own. `typed`: it wants to read items, so that nothing is added that has no type.
    Transport { inner: Arc<dyn Transport>, typed: bool },
    /// Nobody: copies were made, and that is all.
    Nobody,
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            #[cfg(feature = "transport")]
            Self::Server(..) => "Server",
            #[cfg(feature = "transport")]
            Self::Store(_) => "Store",
            Self::Transport { .. } => "Transport",
            Self::Nobody => "Nobody",
        })
    }
}

impl Carrier {
    /// Whether the next thing an envelope meets is a store.
    pub(super) fn is_store(&self) -> bool {
        #[cfg(feature = "transport")]
        return matches!(self, Self::Store(_));
        #[cfg(not(feature = "transport"))]
        false
    }

    /// Whether this kind would be refused, so that it need not be made ready.
    pub(super) fn refuses(&self, kind: Kind) -> bool {
        match self {
            #[cfg(feature = "transport")]
            Self::Server(_, limits) => limits.refuses(Instant::now(), kind),
            _ => {
                let _ = kind;
                false
            }
        }
    }

    /// Takes a parcel away.
    pub(super) fn carry(&mut self, parcel: Parcel) -> Outcome {
        match self {
            #[cfg(feature = "transport")]
            Self::Server(http, limits) => {
                let answer = http.post(&parcel.bytes);
                if let Answer::Status { code, rate_limits, retry_after } = &answer {
                    limits.learn(Instant::now(), *code, rate_limits.as_deref(), *retry_after);
                }
                match judge(&answer) {
                    None => Outcome::Delivered,
                    Some(reason) => Outcome::Lost(reason, Box::new(parcel.envelope)),
                }
            }
            #[cfg(feature = "transport")]
            Self::Store(store) => {
                store.keep(parcel);
                Outcome::Kept
            }
            Self::Transport { inner, typed } => {
                // The SDK's transports rebuild typed envelopes and lose what is added to them; raw ones pass intact, but
                // rate limits by category and loss reports do not see into them. So raw only where it matters.
                let raw = !*typed && parcel.envelope.items().any(needs_raw);
                let envelope = if raw { Envelope::from_bytes_raw(parcel.bytes) } else { Ok(parcel.envelope) };
                match envelope {
                    Ok(envelope) => {
                        inner.send_envelope(envelope);
                        Outcome::HandedOver
                    }
                    Err(_) => Outcome::Lost(DropReason::Internal, Box::default()),
                }
            }
            Self::Nobody => Outcome::HandedOver,
        }
    }
}

fn needs_raw(item: &EnvelopeItem) -> bool {
    matches!(item, EnvelopeItem::Transaction(_) | EnvelopeItem::MonitorCheckIn(_))
}

/// Why an answer is none of success; `None` for success.
#[cfg(feature = "transport")]
pub(super) fn judge(answer: &Answer) -> Option<DropReason> {
    Some(match answer {
        Answer::Status { code: 200..=299, .. } => return None,
        Answer::Status { code: 429, .. } => DropReason::RateLimited,
        Answer::Status { code: 413, .. } => DropReason::TooLarge,
        Answer::Status { code: 500..=599, .. } => DropReason::ServerError,
        Answer::Status { .. } => DropReason::Refused,
        Answer::NotSent => DropReason::Network,
        Answer::Unanswered => DropReason::NoAnswer,
    })
}
