//! The span that the program is in the middle of.

use std::borrow::Cow;
use std::sync::Arc;

use sentry_core::protocol::SpanStatus;
use sentry_core::{Hub, TransactionOrSpan};

use super::anchor::parent_of;
use super::builder::BUILT;
use super::frame::Frame;
use super::root::{MEASUREMENT_PREFIX, SOURCE_KEY};
use super::state::{self, Mode};
use super::trail::Trail;
use crate::capture::once::{Extent, Marks, OpenCall, OpenCalls};
use crate::capture::values::Values;
use crate::site::Kind;
use crate::task::Baggage;
use crate::{ToValue, TraceParent};

/// The innermost open span of this thread: of the annotated function that this is called from, or of a [`span`](crate::span()).
///
/// ```
/// use watchpost::current_span;
///
/// // Outside of any span there is nothing to say it to, and nothing happens.
/// current_span().set_field("rows", 17);
/// ```
pub fn current_span() -> CurrentSpan {
    CurrentSpan { _private: () }
}

/// What can be said of the innermost open span; see [`current_span`].
#[derive(Debug, Clone, Copy)]
pub struct CurrentSpan {
    _private: (),
}

impl CurrentSpan {
    /// Sets a field: data of the span, and of the context of errors that are captured inside it. Last one wins.
    pub fn set_field(self, key: impl Into<Cow<'static, str>>, value: impl ToValue) {
        if state::mode() == Mode::Idle {
            return;
        }
        let (key, value) = (key.into(), value.to_value());
        innermost_span(|frame| {
            let fields = &mut frame.more_mut().values.fields;
            fields.retain(|(known, _)| *known != key);
            fields.push((key, value));
        });
    }

    /// Sets the status, whatever the outcome of the function will be.
    pub fn set_status(self, status: SpanStatus) {
        innermost_span(|frame| frame.status = Some(status));
    }

    /// Whether the transaction that the span is part of will be sent: fields that cost something to say can be left out where
    /// it will not.
    ///
    /// ```
    /// let span = watchpost::current_span();
    /// if span.is_recorded() {
    ///     span.set_field("cart", format!("{:?}", [1, 2, 3]));
    /// }
    /// ```
    pub fn is_recorded(self) -> bool {
        state::mode() == Mode::Sampled
    }

    /// Gives the transaction that the span is part of another name, and says what that was taken from (`route`, `url`, `custom`
    /// ..): for names that are known late. The sampling decision was taken by the first one.
    pub fn rename_transaction(self, name: impl Into<Cow<'static, str>>, source: &'static str) {
        let name = name.into();
        let anchor = state::with(|local| {
            let mut frames = local.frames().try_borrow_mut().ok()?;
            let base = local.base.get().min(frames.len());
            let root = frames[base..].iter_mut().find(|frame| frame.has(Frame::ROOT))?;
            let more = root.more_mut();
            more.values.fields.retain(|(key, _)| key != SOURCE_KEY);
            more.values.fields.push((Cow::Borrowed(SOURCE_KEY), source.into()));
            more.name = Some(name.clone());
            drop(frames);
            Some(local.trace()?.anchor.clone())
        });
        if let Some(TransactionOrSpan::Transaction(transaction)) = anchor.flatten() {
            transaction.set_name(&name);
        }
    }

    /// Sets a measurement of the transaction that the span is part of, with a unit of sentry's list (`millisecond`, `byte`,
    /// `percent`, `none` ..). Nothing is recorded where the transaction is not sampled.
    pub fn set_measurement(self, name: &str, value: f64, unit: &str) {
        if state::mode() != Mode::Sampled || !value.is_finite() {
            return;
        }
        let Some(trace) = state::with(state::Local::trace).flatten() else { return };
        if let TransactionOrSpan::Transaction(transaction) = &trace.anchor {
            let value = serde_json::json!({ "value": value, "unit": unit });
            transaction.set_data(&format!("{MEASUREMENT_PREFIX}{name}"), value);
        }
    }
}

/// The innermost frame that stands for a span, recorded or not. `f` must not run code of the program.
fn innermost_span(f: impl FnOnce(&mut Frame)) {
    state::with(|local| {
        let Ok(mut frames) = local.frames().try_borrow_mut() else { return };
        let base = local.base.get().min(frames.len());
        if let Some(frame) =
            frames[base..].iter_mut().rev().find(|frame| frame.site.kind().any(Kind::SPAN.and(Kind::TASK)))
        {
            f(frame);
        }
    });
}

/// The open annotated calls of this thread, as far as they belong together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenStack;

impl OpenCalls for OpenStack {
    fn each(&self, f: &mut dyn FnMut(OpenCall<'_>) -> bool) {
        state::with(|local| {
            let (Ok(frames), Ok(own)) = (local.frames().try_borrow(), local.marks.try_borrow()) else { return };
            let base = local.base.get().min(frames.len());
            for frame in frames[base..].iter().rev() {
                let more = frame.more.as_deref();
                let call = OpenCall {
                    extent: if std::ptr::eq(frame.site, &BUILT) { Extent::Span } else { Extent::Call(frame.site) },
                    values: more.map(|more| &more.values),
                    marks: more.map(|more| &more.marks),
                };
                if !f(call) {
                    return;
                }
            }
            let beyond = frames[..base].last();
            let marks = beyond.map_or(Some(&*own), |frame| frame.more.as_deref().map(|more| &more.marks));
            let extent = if beyond.is_some() { Extent::Beyond } else { Extent::Thread };
            f(OpenCall { extent, values: None, marks });
        });
    }

    fn is_lone(&self) -> bool {
        let is_lone = state::with(|local| {
            if !local.marks.try_borrow().is_ok_and(|own| own.is_empty()) {
                return false;
            }
            if state::with_trail(Trail::is_lone) {
                return true;
            }
            let Ok(frames) = local.frames().try_borrow() else { return false };
            matches!(&frames[..], [frame] if frame.more.is_none()) && local.base.get() == 0
        });
        is_lone == Some(true)
    }

    fn take_values(&self) -> Values {
        let taken = state::with(|local| {
            let mut frames = local.frames().try_borrow_mut().ok()?;
            let frame = frames.last_mut().filter(|frame| !std::ptr::eq(frame.site, &BUILT))?;
            let values = &mut frame.more.as_deref_mut()?.values;
            // A span shows its fields, too.
            let fields = if frame.id == 0 { Vec::new() } else { values.fields.clone() };
            Some(std::mem::replace(values, Values { fields, ..Values::default() }))
        });
        taken.flatten().unwrap_or_default()
    }

    fn marks(&self, depth: usize, f: &mut dyn FnMut(&mut Marks)) {
        state::with(|local| {
            let Ok(mut frames) = local.frames().try_borrow_mut() else { return };
            let base = local.base.get().min(frames.len());
            let own = frames.len() - base;
            // One further out than the own calls: whatever is around them.
            let around = if depth <= own { frames.len().checked_sub(depth + 1) } else { None };
            match around {
                Some(at) => f(frames[at].marks_mut()),
                None if depth == own => {
                    if let Ok(mut marks) = local.marks.try_borrow_mut() {
                        f(&mut marks);
                    }
                }
                None => {}
            }
        });
    }
}

/// The exact innermost span, as what continues it elsewhere must know it: ours, else the scope's, else the scope's trace
/// without a span.
pub(crate) fn current_parent() -> Option<TraceParent> {
    let own = state::with(|local| {
        let trace = local.trace()?;
        Some(trace.parent(local.cur.get()))
    });
    if let Some(own) = own.flatten() {
        return Some(own);
    }
    if !state::has_hub() {
        return None;
    }
    let hub = Hub::current();
    hub.client()?;
    if let Some(span) = hub.configure_scope(|scope| scope.get_span()) {
        return Some(parent_of(&span));
    }
    let header = hub.configure_scope(|scope| scope.iter_trace_propagation_headers().next().map(|(_, value)| value))?;
    crate::TraceHeaders::from_pairs([("sentry-trace", header)]).parent()
}

/// The baggage that came with the trace which this thread works for.
pub(crate) fn current_baggage() -> Option<Arc<Baggage>> {
    state::with(|local| local.trace()?.baggage.clone()).flatten()
}

/// The name of the transaction that this thread works for, as it was when the root began.
pub(crate) fn current_transaction() -> Option<String> {
    state::with(|local| {
        let base = local.base.get();
        let frames = local.frames().try_borrow().ok()?;
        let root = frames.iter().skip(base).find(|frame| frame.has(Frame::ROOT))?;
        Some(root.name().to_owned())
    })
    .flatten()
}

/// Whether the transaction's name was taken from a URL: it may be anybody's then, and is not for others to know.
pub(crate) fn is_named_by_url() -> bool {
    state::with(|local| {
        let frames = local.frames().try_borrow().ok()?;
        let root = frames.iter().skip(local.base.get()).find(|frame| frame.has(Frame::ROOT))?;
        // The one that was given late is with the fields.
        let mut fields = root.more.iter().flat_map(|more| &more.values.fields);
        match fields.find(|(key, _)| key == SOURCE_KEY) {
            Some((_, source)) => Some(source == "url"),
            None => Some(local.trace()?.source == "url"),
        }
    })
    .flatten()
    .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_any_span_nothing_happens() {
        current_span().set_field("key", 1);
        current_span().set_status(SpanStatus::Aborted);
        current_span().set_measurement("size", 1.0, "byte");
        assert_eq!(super::super::call::innermost(|_| ()), None);
    }
}
