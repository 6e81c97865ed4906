//! An error event, or a message.

use sentry_core::Level;
use sentry_core::protocol::{Breadcrumb, Context, Event, Exception, Frame, IpAddress, User, Value};

use super::sheet::{Ink, Sheet, clock, pairs};

/// Deeper stacks are cut here: the functions that a person looks for are the innermost.
const MAX_FRAMES: usize = 8;
/// How many of the last breadcrumbs are shown.
const MAX_CRUMBS: usize = 5;

pub(super) fn write(sheet: &mut Sheet, event: &Event<'_>) {
    sheet.gap();
    let (level, ink) = match event.level {
        Level::Fatal => ("fatal", Ink::Red),
        Level::Error => ("error", Ink::Red),
        Level::Warning => ("warning", Ink::Yellow),
        Level::Info => ("info", Ink::Cyan),
        Level::Debug => ("debug", Ink::Dim),
    };
    // The protocol has the root cause first and what was raised last.
    let mut chain = event.exception.iter().rev();
    let raised = chain.next().map(told);
    let text = event.message.clone().or_else(|| event.logentry.as_ref().map(|entry| entry.message.clone()));
    let what = raised.or(text).unwrap_or_default();
    let (trace, span) = match event.contexts.get("trace") {
        Some(Context::Trace(trace)) => (trace.trace_id.to_string(), Some(trace.span_id)),
        _ => (String::new(), None),
    };
    let category = event.tags.get("error.category").map(|category| format!("{category}  ")).unwrap_or_default();
    let aside = format!("{category}{}  {trace:.8}", clock(event.timestamp));
    let first = what.lines().next().unwrap_or_default();
    let whole = sheet.head((ink, &format!("{level}  {first}")), &[], &aside);
    if !whole || first.len() < what.len() {
        sheet.detail("", &what, 4);
    }
    for cause in chain {
        sheet.detail("because of", &told(cause), 2);
    }
    frames(sheet, event);
    contexts(sheet, event);
    let tags = event.tags.iter().filter(|(key, _)| *key != "error.category");
    let tags: Vec<(&str, Value)> = tags.map(|(key, value)| (key.as_str(), Value::from(value.as_str()))).collect();
    fields(sheet, "tags", tags.iter().map(|(key, value)| (*key, value)));
    fields(sheet, "extra", event.extra.iter().map(|(key, value)| (key.as_str(), value)));
    if let Some(user) = &event.user {
        let user = user_fields(user);
        fields(sheet, "user", user.iter().map(|(key, value)| (key.as_str(), value)));
    }
    if let Some(transaction) = &event.transaction {
        sheet.detail("in", transaction, 1);
    } else if let Some(span) = span {
        sheet.detail("in", &format!("span {span}"), 1);
    }
    let from = event.breadcrumbs.len().saturating_sub(MAX_CRUMBS);
    for (at, crumb) in event.breadcrumbs.iter().skip(from).enumerate() {
        sheet.detail(if at == 0 { "before" } else { "" }, &breadcrumb(crumb), 1);
    }
}

fn told(exception: &Exception) -> String {
    match exception.value.as_deref().filter(|value| !value.is_empty()) {
        Some(value) => format!("{}: {value}", exception.ty),
        None => exception.ty.clone(),
    }
}

/// The program's own functions, innermost first; all of them where none is the program's own.
fn frames(sheet: &mut Sheet, event: &Event<'_>) {
    let stack = event.exception.iter().rev().find_map(|exception| exception.stacktrace.as_ref());
    let stack = stack.or(event.stacktrace.as_ref()).map_or(&[][..], |stack| &stack.frames);
    let own: Vec<&Frame> = stack.iter().rev().filter(|frame| frame.in_app != Some(false)).collect();
    let shown = if own.is_empty() { stack.iter().rev().collect() } else { own };
    for (at, frame) in shown.iter().take(MAX_FRAMES).enumerate() {
        let function = frame.function.as_deref().unwrap_or("?");
        let function = match frame.module.as_deref() {
            Some(module) if !function.starts_with(module) => format!("{module}::{function}"),
            _ => function.to_owned(),
        };
        let place = frame.filename.as_deref().or(frame.abs_path.as_deref()).unwrap_or("?");
        let line = frame.lineno.map(|line| format!(":{line}")).unwrap_or_default();
        let variables = pairs(frame.vars.iter().map(|(key, value)| (key.as_str(), value)));
        sheet.detail(if at == 0 { "at" } else { "" }, &format!("{function} ({place}{line})  {variables}"), 2);
    }
    if shown.len() > MAX_FRAMES {
        sheet.detail("", &format!("and {} more", shown.len() - MAX_FRAMES), 1);
    }
}

/// Contexts of the program's own; those of the platform say nothing that is news to whoever sits before it.
fn contexts(sheet: &mut Sheet, event: &Event<'_>) {
    for (name, context) in &event.contexts {
        if let Context::Other(values) = context
            && !["rust", "app_memory"].contains(&name.as_str())
        {
            fields(sheet, name, values.iter().map(|(key, value)| (key.as_str(), value)));
        }
    }
}

fn fields<'a>(sheet: &mut Sheet, label: &str, values: impl IntoIterator<Item = (&'a str, &'a Value)>) {
    let text = pairs(values);
    if !text.is_empty() {
        sheet.detail(label, &text, 3);
    }
}

fn user_fields(user: &User) -> Vec<(String, Value)> {
    let address = user.ip_address.map(|address| match address {
        IpAddress::Auto => "{{auto}}".to_owned(),
        IpAddress::Exact(address) => address.to_string(),
    });
    let named = [("id", user.id.clone()), ("username", user.username.clone()), ("email", user.email.clone())];
    let named = named.into_iter().chain([("ip", address)]);
    let named = named.filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
    named.chain(user.other.iter().map(|(key, value)| (key.clone(), value.clone()))).collect()
}

fn breadcrumb(crumb: &Breadcrumb) -> String {
    let category = crumb.category.as_deref().unwrap_or(&crumb.ty);
    let message = crumb.message.as_deref().unwrap_or_default();
    let data = pairs(crumb.data.iter().map(|(key, value)| (key.as_str(), value)));
    [clock(crumb.timestamp), category.to_owned(), message.to_owned(), data]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("  ")
}
