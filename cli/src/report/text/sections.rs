//! The sections, one function each.

use std::collections::BTreeMap;

use super::super::{
    CacheStats, DeliveryStats, ErrorGroup, LogLine, Losses, Monitor, Redaction, Report, TaskStats, TransactionStats,
};
use super::page::{Ink, Page, WIDTH, counted, cut, duration, left, right, wrapped};

/// Tables longer than this are cut; the page says how much is left out.
const MAX_LINES: usize = 24;
/// So many statements are told of.
const SLOWEST: usize = 8;

pub(super) fn received(page: &mut Page, report: &Report) {
    let total = report.items.values().sum::<u64>();
    page.title("Received", &counted(usize::try_from(total).unwrap_or(usize::MAX), "item"));
    let items: Vec<_> = report.items.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if !items.is_empty() {
        page.line(&[(Ink::Plain, format!("  {}", cut(&items.join(", "), WIDTH - 2)))]);
    }
}

pub(super) fn transactions(page: &mut Page, stats: &[TransactionStats]) {
    let (count, failed) = stats.iter().fold((0, 0), |(count, failed), s| (count + s.count, failed + s.failed));
    let aside = format!("{}, {failed} failed", counted(count, "transaction"));
    page.title("Transactions", &aside);
    if stats.is_empty() {
        return;
    }
    let head = [("count", 8), ("failed", 8), ("p50", 10), ("p95", 10)];
    let head: String = head.iter().map(|(head, width)| right(head, *width)).collect();
    page.line(&[(Ink::Dim, left("  operation     name", 64) + &head)]);
    for s in stats.iter().take(MAX_LINES) {
        page.line(&[
            (Ink::Plain, "  ".to_owned()),
            (Ink::Dim, left(&s.op, 13) + " "),
            (Ink::Plain, left(&s.name, 47) + " "),
            (Ink::Plain, right(&s.count.to_string(), 8)),
            (if s.failed > 0 { Ink::Red } else { Ink::Dim }, right(&s.failed.to_string(), 8)),
            (Ink::Plain, right(&duration(s.p50), 10) + &right(&duration(s.p95), 10)),
        ]);
    }
    more(page, stats.len());
}

pub(super) fn caches(page: &mut Page, caches: &[CacheStats]) {
    if caches.is_empty() {
        return;
    }
    let (gets, hits) = caches.iter().fold((0, 0), |(gets, hits), cache| (gets + cache.gets, hits + cache.hits));
    page.title("Caches", &format!("{}, {hits} found", counted(gets, "look-up")));
    for cache in caches.iter().take(MAX_LINES) {
        page.line(&[
            (Ink::Plain, format!("  {} ", left(&cache.key, 61))),
            (Ink::Dim, right(&counted(cache.gets, "look-up"), 17)),
            (Ink::Plain, right(&format!("{:.0} % found", cache.hit_rate()), 19)),
        ]);
    }
    more(page, caches.len());
}

pub(super) fn deliveries(page: &mut Page, deliveries: &[DeliveryStats]) {
    if deliveries.is_empty() {
        return;
    }
    let count = deliveries.iter().flat_map(|delivery| delivery.outcomes.values()).sum();
    page.title("Deliveries", &counted(count, "message"));
    for delivery in deliveries.iter().take(MAX_LINES) {
        let failed = delivery.outcomes.keys().any(|outcome| outcome != "sent");
        page.line(&[
            (Ink::Plain, format!("  {} ", left(&delivery.provider, 19))),
            (Ink::Dim, left(&delivery.channel, 11)),
            (if failed { Ink::Yellow } else { Ink::Green }, left(&delivered(delivery), 48)),
            (Ink::Dim, right(&format!("p95 {}", duration(delivery.p95)), 19)),
        ]);
    }
    more(page, deliveries.len());
}

/// The outcomes, and of what bounced how much did so for good.
fn delivered(delivery: &DeliveryStats) -> String {
    let told = outcomes(&delivery.outcomes);
    match delivery.bounces.get("permanent") {
        Some(count) => told.replace(" bounced", &format!(" bounced ({count} for good)")),
        None => told,
    }
}

pub(super) fn statements(page: &mut Page, report: &Report) {
    let stats = &report.statements;
    if stats.is_empty() {
        return;
    }
    let most = |name: &str| report.metrics.iter().find(|metric| metric.name == name).map(|metric| metric.max);
    let pool = match (most("db.pool.in_use"), most("db.pool.max")) {
        (Some(in_use), Some(max)) => format!("; {in_use} of {max} connections in use"),
        _ => String::new(),
    };
    page.title("Statements", &format!("{}{pool}", counted(stats.iter().map(|s| s.count).sum(), "run")));
    let head = [("count", 8), ("failed", 8), ("p95", 10), ("longest", 10)];
    let head: String = head.iter().map(|(head, width)| right(head, *width)).collect();
    page.line(&[(Ink::Dim, left("  statement, the slowest first", 64) + &head)]);
    for s in stats.iter().take(SLOWEST) {
        page.line(&[
            (Ink::Plain, format!("  {} ", left(&s.statement, 61))),
            (Ink::Plain, right(&s.count.to_string(), 8)),
            (if s.failed > 0 { Ink::Red } else { Ink::Dim }, right(&s.failed.to_string(), 8)),
            (Ink::Plain, right(&duration(s.p95), 10) + &right(&duration(s.longest), 10)),
        ]);
    }
}

pub(super) fn tasks(page: &mut Page, tasks: &[TaskStats]) {
    if tasks.is_empty() {
        return;
    }
    page.title("Tasks", &counted(tasks.iter().flat_map(|task| task.outcomes.values()).sum(), "run"));
    for task in tasks.iter().take(MAX_LINES) {
        let queue = task.queue.as_deref().unwrap_or("-");
        let waited = task.waited.map(|millis| format!("waited {}", duration(millis))).unwrap_or_default();
        page.line(&[
            (Ink::Plain, format!("  {} ", left(&task.name, 34))),
            (Ink::Dim, left(queue, 16)),
            (Ink::Plain, left(&outcomes(&task.outcomes), 28)),
            (Ink::Dim, right(&waited, 19)),
        ]);
    }
    more(page, tasks.len());
}

pub(super) fn errors(page: &mut Page, groups: &[ErrorGroup]) {
    let events = groups.iter().map(|group| group.count).sum();
    page.title("Errors", &format!("{} in {}", counted(events, "event"), counted(groups.len(), "group")));
    for group in groups.iter().take(MAX_LINES) {
        error(page, group);
    }
    more(page, groups.len());
}

fn error(page: &mut Page, group: &ErrorGroup) {
    let ink = if matches!(group.level.as_str(), "error" | "fatal") { Ink::Red } else { Ink::Yellow };
    let category = group.category.as_deref().unwrap_or("-");
    page.line(&[
        (Ink::Bold, right(&group.count.to_string(), 5) + " x "),
        (ink, left(&group.kind, 58)),
        (Ink::Plain, right(category, 24)),
        (Ink::Dim, right(&group.level, 10)),
    ]);
    let mut detail = |label: &str, text: &str| {
        for (at, line) in wrapped(text, WIDTH - 30, 3).into_iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            page.line(&[(Ink::Dim, format!("        {} ", left(label, 21))), (Ink::Plain, line)]);
        }
    };
    detail("says", &group.value);
    for cause in &group.causes {
        detail("because of", cause);
    }
    for (name, fields) in &group.contexts {
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let fields: Vec<_> = fields.iter().map(|(key, value)| format!("{key}={}", text(value))).collect();
        detail(name, &fields.join(" "));
    }
    for (at, frame) in group.frames.iter().enumerate() {
        let file = frame.file.as_deref().and_then(|file| file.rsplit(['/', '\\']).next()).unwrap_or("?");
        let line = frame.line.map(|line| format!(":{line}")).unwrap_or_default();
        detail(if at == 0 { "at" } else { "" }, &format!("{} ({file}{line})", frame.function));
    }
    let transactions: Vec<_> = group.transactions.iter().map(String::as_str).collect();
    if !transactions.is_empty() {
        detail("in", &transactions.join(", "));
    }
}

/// Lines that say the same are one.
pub(super) fn logs(page: &mut Page, logs: &[LogLine]) {
    if logs.is_empty() {
        return;
    }
    page.title("Logs", &counted(logs.len(), "line"));
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for log in logs {
        *counts.entry((&log.level, &log.body)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((level, body), count) in counts.iter().take(MAX_LINES) {
        let ink = if matches!(*level, "error" | "fatal") { Ink::Red } else { Ink::Plain };
        page.line(&[
            (Ink::Plain, right(&count.to_string(), 5) + " x "),
            (ink, left(body, 82)),
            (Ink::Dim, right(level, 10)),
        ]);
    }
    more(page, counts.len());
}

pub(super) fn monitors(page: &mut Page, monitors: &[Monitor]) {
    page.title("Check-ins", &counted(monitors.len(), "monitor"));
    for monitor in monitors.iter().take(MAX_LINES) {
        let longest = monitor.longest.map(|millis| format!("up to {}", duration(millis))).unwrap_or_default();
        let failed = monitor.runs.keys().any(|status| status != "ok");
        page.line(&[
            (Ink::Plain, format!("  {} ", left(&monitor.slug, 34))),
            (Ink::Dim, left(monitor.schedule.as_deref().unwrap_or("no schedule"), 30)),
            (if failed { Ink::Red } else { Ink::Green }, left(&outcomes(&monitor.runs), 16)),
            (Ink::Dim, right(&longest, 17)),
        ]);
    }
    more(page, monitors.len());
}

pub(super) fn redactions(page: &mut Page, redactions: &[Redaction]) {
    let total = redactions.iter().map(|redaction| redaction.count).sum();
    page.title("Redacted", &format!("{} in {}", counted(total, "value"), counted(redactions.len(), "place")));
    for redaction in redactions.iter().take(MAX_LINES) {
        page.line(&[
            (Ink::Plain, "  ".to_owned()),
            (Ink::Dim, left(&redaction.item, 15)),
            (Ink::Plain, left(&redaction.place, 73)),
            (Ink::Plain, right(&redaction.count.to_string(), 10)),
        ]);
    }
    more(page, redactions.len());
}

pub(super) fn losses(page: &mut Page, losses: &Losses) {
    page.title("Lost", if losses.is_empty() { "nothing" } else { "" });
    let mut line = |why: &str, count: String| {
        page.line(&[(Ink::Red, format!("  {}", left(why, 78))), (Ink::Red, right(&count, 20))]);
    };
    for loss in &losses.discarded {
        line(&format!("{} discarded by the client: {}", loss.category, loss.reason), loss.quantity.to_string());
    }
    for (why, count) in &losses.refused {
        line(&format!("request {why}"), count.to_string());
    }
    if losses.unreadable > 0 {
        line("items that cannot be read", losses.unreadable.to_string());
    }
}

fn outcomes(outcomes: &BTreeMap<String, usize>) -> String {
    outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect::<Vec<_>>().join(", ")
}

fn more(page: &mut Page, lines: usize) {
    if lines > MAX_LINES {
        page.line(&[(Ink::Dim, format!("  and {} more", lines - MAX_LINES))]);
    }
}
