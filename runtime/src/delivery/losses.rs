//! Client reports: the server is told what it will never see, through the SDK's own recorder.

use sentry_core::client_report::{Reason as Fallback, Recorder};
use sentry_core::protocol::EnvelopeItem;
use sentry_core::protocol::client_report::{Category, Item, LossSource, Reason, Report};
use serde::{Deserialize, Serialize};

use super::counts::DropReason;

/// What the loss of something means in the server's categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Loss {
    category: Category,
    quantity: u64,
    /// Why, where it is itself a report of losses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
}

/// What an item weighs, kept for the case that the item itself is gone by then.
pub(super) fn weigh<L: LossSource>(item: &L) -> Vec<Loss> {
    let losses = item.losses();
    losses.map(|loss| Loss { category: loss.category, quantity: loss.quantity, reason: loss.reason }).collect()
}

/// Tells the recorder of a loss.
pub(super) fn report(recorder: &Recorder, losses: &[Loss], reason: DropReason) {
    let reason = for_server(reason);
    let items = losses.iter().map(|loss| Item::new(loss.category, loss.reason.unwrap_or(reason), loss.quantity));
    // The recorder takes telemetry, not numbers; a report inside it keeps its own categories and reasons.
    let carrier = EnvelopeItem::ClientReport(Report::new(items));
    recorder.record_lost_data(&carrier, Fallback::InternalError);
}

fn for_server(reason: DropReason) -> Reason {
    match reason {
        DropReason::QueueOverflow | DropReason::SpoolFull => Reason::QueueOverflow,
        DropReason::Hook | DropReason::HookPanic => Reason::BeforeSend,
        DropReason::Muted | DropReason::Redaction | DropReason::Internal | DropReason::Shutdown => {
            Reason::InternalSdkError
        }
        DropReason::RateLimited => Reason::RatelimitBackoff,
        DropReason::TooLarge | DropReason::Refused | DropReason::ServerError => Reason::SendError,
        DropReason::Network | DropReason::NoAnswer => Reason::NetworkError,
    }
}
