//! The engine: what an annotated call costs and becomes.
//!
//! A call puts a frame (`frame.rs`) on its thread's stack. Below a sampled root the frame is also a span, and leaves a
//! record (`record.rs`) when it ends. Only the outermost call of a thread, or of a task, meets sentry (`root.rs`): when it begins, to
//! take the sampling decision and to show itself on the scope, and when it ends, to hand over (`handover.rs`) what was recorded
//! below it. A future (`watch.rs`) keeps its frame between polls (`kept.rs`).

mod anchor;
mod begin;
mod builder;
mod call;
mod carry;
mod clock;
mod current;
mod end;
mod frame;
mod handover;
mod hubs;
mod instrumentation;
mod kept;
mod late;
mod local;
mod polls;
mod promotion;
mod record;
mod root;
mod run;
mod scope;
pub(crate) mod state;
mod timed;
mod trace;
mod trail;
mod watch;
mod watched;

pub use builder::{SpanBuilder, is_wanted, span, transaction};
pub use call::Call;
pub(crate) use call::{End, attach, enter, enter_task, failed, may_record, wants_values};
pub use carry::{Carried, Carry, InCurrentSpan, InCurrentSpanFn, carry};
pub use current::{CurrentSpan, current_span};
pub(crate) use current::{OpenStack, current_baggage, current_parent, current_transaction, is_named_by_url};
pub use handover::{Spans, hand_over, take_spans};
pub use instrumentation::Instrumentation;
pub(crate) use scope::{write_scope, written_hub};
pub(crate) use state::passes;
pub(crate) use watch::Start;
pub use watch::{Observe, Watch, Watching};

/// Ends a call whose outcome is known to be good or bad.
pub(crate) fn outcome(call: Call, ok: bool) {
    let end = if ok { End::Ok } else { End::Failed(sentry_core::protocol::SpanStatus::InternalError) };
    call.end(end);
}
