//! Panics become events.
//!
//! The hook runs on the thread that panics, before it unwinds: the calls are still open. Nothing there may panic again, the
//! program would abort; so what runs code of the program's (processors on the scope, other integrations) runs on another
//! thread, which is waited for, and not for long.
//!
//! Nothing is flushed for a panic that the program may survive: a server's worker would stand still for it. Where the
//! process is about to end, by `panic = "abort"` or because it is the main thread, what waits is sent within the client's
//! own limit.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::PanicHookInfo;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use sentry_core::protocol::{Event, Exception, Frame, Mechanism, Value};
use sentry_core::{Client, Hub, Level};

use super::gather::Gathered;
use super::here;
use super::once::OpenCalls;
use super::reporter::{Parcel, Reporter, hand_over};
use super::stack;
use super::storm::About;
use super::values::Values;
use crate::Fields;
use crate::span::current_transaction;
use crate::span::state::PANIC_HOOK;

/// The type of the exception, the category and the context.
const PANIC: &str = "panic";
/// The thread on which the program's processors see the event. What panics on it is not reported.
const HELPER: &str = "watchpost-panic";
/// How long it is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Puts our hook before the one that is there, once a process.
pub(crate) fn install() {
    PANIC_HOOK.call_once(|| {
        let next = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            report(info);
            next(info);
        }));
    });
}

fn report(info: &PanicHookInfo<'_>) {
    // A hook of the program's that panics is counted where it runs; reporting it would call the hook again.
    if here::is_muted() || thread::current().name() == Some(HELPER) {
        return;
    }
    let hub = Hub::current();
    let Some(client) = hub.client().filter(|client| client.is_enabled()) else { return };
    let Some(reporter) = Reporter::of(&client) else { return };
    let parcel = here::with_calls(|calls| parcel(info, &client, reporter, calls));
    if let Some(parcel) = parcel {
        send(&hub, &client, parcel);
    }
    if cfg!(panic = "abort") || thread::current().name() == Some("main") {
        client.flush(None);
    }
}

fn parcel(
    info: &PanicHookInfo<'_>,
    client: &Arc<Client>,
    reporter: &Reporter,
    calls: &dyn OpenCalls,
) -> Option<Parcel> {
    let message = message(info);
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let about = || About { title: PANIC.to_owned(), category: Some(PANIC.to_owned()), level: Level::Fatal };
    if !reporter.admits(|| kind(&place), about) {
        return None;
    }
    let mut fields = Fields::default();
    fields.field("place", Value::from(place));
    fields.field("thread", Value::from(thread::current().name().unwrap_or("unnamed")));
    let values = Values { contexts: vec![(PANIC.to_owned(), fields)], ..Values::default() };
    let mut gathered = Gathered::from(calls, values, reporter.with_arguments());
    gathered.file_under(Some(PANIC), PANIC);
    let options = client.options();
    let machine = if options.attach_stacktrace { reporter.symbols.stack(options) } else { Vec::new() };
    let is_known = !machine.is_empty();
    let mut stack = stack::of(std::mem::take(&mut gathered.stack), machine).unwrap_or_default();
    if let Some(place) = info.location().filter(|_| !is_known) {
        stack.frames.push(frame(place));
    }
    let exception = Exception {
        ty: PANIC.to_owned(),
        value: Some(message),
        stacktrace: Some(stack).filter(|stack| !stack.frames.is_empty()),
        mechanism: Some(Mechanism { ty: PANIC.to_owned(), handled: Some(false), ..Mechanism::default() }),
        ..Exception::default()
    };
    let mut event = Event { level: Level::Fatal, exception: vec![exception].into(), ..Event::default() };
    // The helper is not where the calls are.
    event.breadcrumbs.values = here::crumbs(calls);
    event.transaction = here::root(calls).map(|site| site.name().to_owned()).or_else(current_transaction);
    event.contexts.extend(here::trace().map(|trace| ("trace".to_owned(), trace)));
    Some(Parcel { event, said: gathered.into_said(None), at_once: true })
}

fn kind(place: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (PANIC, place).hash(&mut hasher);
    hasher.finish()
}

fn message(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a value that is no text");
    crate::context::text(format_args!("{text}"))
}

/// Where it happened, when the machine's stack does not tell.
fn frame(place: &std::panic::Location<'_>) -> Frame {
    Frame {
        filename: Some(place.file().to_owned()),
        lineno: Some(place.line().into()),
        colno: Some(place.column().into()),
        ..Frame::default()
    }
}

fn send(hub: &Arc<Hub>, client: &Arc<Client>, parcel: Parcel) {
    let (done, sent) = mpsc::channel();
    let (hub, client) = (Arc::clone(hub), Arc::clone(client));
    let helper = thread::Builder::new().name(HELPER.to_owned()).spawn(move || {
        Hub::run(Arc::clone(&hub), || {
            hand_over(&hub, &client, parcel, &here::Nowhere);
        });
        let _ = done.send(());
    });
    if helper.is_ok() {
        let _ = sent.recv_timeout(PATIENCE);
    }
}
