//! What came, as a page in the browser, which follows what comes.
//!
//! One document without anything from elsewhere: its style and its script stand in it, allowed by a nonce and by nothing
//! else. What it shows comes as JSON from beside it and is set as text, never as markup. It answers under loopback names
//! only, so that a page from elsewhere, whose name was made to lead here, reads nothing.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;

use serde::Serialize;

use crate::receiver::{Document, Receiver, Visit};
use crate::report::Report;

const PAGE: &str = include_str!("index.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// More than a person looks through is not read for the browser: the newest items, traces and logs are, and
/// what is linked to.
const MAX_ITEMS: usize = 4000;
const MAX_TRACES: usize = 100;
const MAX_ROWS: usize = 300;
const MAX_LOGS: usize = 200;

/// A [`Receiver`] that shows at `/` what it has received.
///
/// # Errors
/// When the port is taken or may not be opened.
///
/// ```
/// let receiver = watchpost_cli::page::receiver(0)?;
/// println!("open http://{}/", receiver.address());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn receiver(port: u16) -> io::Result<Receiver> {
    Receiver::start_with(port, answer)
}

/// What the page shows.
#[derive(Debug, Serialize)]
struct View {
    /// How many requests it knows of: what the page asks with, so that nothing new is nothing to send.
    seen: usize,
    report: Report,
    /// The trace that is open at first.
    telling: Option<String>,
    /// What the report has more of than is shown.
    more_traces: usize,
    more_logs: usize,
    more_items: usize,
}

impl View {
    fn of(visit: &Visit<'_>) -> Self {
        let more_items = visit.items.len().saturating_sub(MAX_ITEMS);
        let mut report = Report::new(&visit.items[more_items..], visit.requests);
        let telling = report.telling_trace().map(|trace| trace.trace_id.clone());
        let newest = report.traces.len().saturating_sub(MAX_TRACES);
        let linked: HashSet<&str> = report.errors.iter().map(|group| group.trace_id.as_str()).collect();
        let (mut at, mut more_traces) = (0, 0);
        report.traces.retain(|trace| {
            let id = trace.trace_id.as_str();
            let keep = at >= newest || linked.contains(id) || telling.as_deref() == Some(id);
            at += 1;
            more_traces += usize::from(!keep);
            keep
        });
        for trace in &mut report.traces {
            trace.rows.truncate(MAX_ROWS);
        }
        let more_logs = report.logs.len().saturating_sub(MAX_LOGS);
        report.logs.drain(..more_logs);
        Self { seen: visit.requests.len(), report, telling, more_traces, more_logs, more_items }
    }
}

fn answer(visit: &Visit<'_>) -> Option<Document> {
    let (path, query) = visit.target.split_once('?').unwrap_or((visit.target, ""));
    if !matches!(path, "/" | "/data.json") {
        return None;
    }
    if !is_loopback(visit.host) {
        return Some(document(403, "text/plain; charset=utf-8", NOTHING.into(), b"only for loopback names\n".to_vec()));
    }
    if path == "/" {
        let nonce = nonce();
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        let page = PAGE.replace("{nonce}", &nonce).replace("{style}", STYLE).replace("{script}", SCRIPT);
        return Some(document(200, "text/html; charset=utf-8", policy, page.into_bytes()));
    }
    let seen = query.strip_prefix("seen=").and_then(|seen| seen.parse::<usize>().ok());
    if seen == Some(visit.requests.len()) {
        return Some(document(204, "application/json", NOTHING.into(), Vec::new()));
    }
    let body = serde_json::to_vec(&View::of(visit)).ok()?;
    Some(document(200, "application/json", NOTHING.into(), body))
}

const NOTHING: &str = "default-src 'none'";

fn document(status: u16, content_type: &'static str, policy: String, body: Vec<u8>) -> Document {
    Document { status, content_type, policy, body }
}

/// `localhost`, `127.0.0.1` or `[::1]`, with any port.
fn is_loopback(host: &str) -> bool {
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(n, _)| n);
    ["127.0.0.1", "[::1]"].contains(&name) || name.eq_ignore_ascii_case("localhost")
}

/// Nobody can guess the keys of the standard library's hashers; nothing else random is needed here.
fn nonce() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn visit(target: &str, host: &str) -> Option<Document> {
        answer(&Visit { target, host, items: &[], requests: &[] })
    }

    #[test]
    fn the_page_is_whole_and_allows_only_itself() {
        let page = visit("/", "127.0.0.1:8969").unwrap();
        let text = String::from_utf8(page.body).unwrap();
        let nonce = page.policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert_eq!(nonce.len(), 32);
        assert_eq!(text.matches(&format!("nonce=\"{nonce}\"")).count(), 2, "the style and the script");
        assert!(!page.policy.contains("unsafe"), "{}", page.policy);
        assert!(!text.contains("{nonce}") && !text.contains("{style}") && !text.contains("{script}"));
        for elsewhere in ["src=", "@import", "http://", "https://", "innerHTML", "insertAdjacentHTML", "document.write"]
        {
            assert!(!text.contains(elsewhere), "{elsewhere}");
        }
        assert_ne!(visit("/", "localhost").unwrap().policy, page.policy, "a nonce is used once");
    }

    #[test]
    fn only_loopback_names_are_answered() {
        for host in ["127.0.0.1:8969", "localhost", "LOCALHOST:1", "[::1]:8969"] {
            assert_eq!(visit("/data.json", host).unwrap().status, 200, "{host}");
        }
        for host in ["", "evil.example", "127.0.0.1.evil.example:8969", "localhost:evil"] {
            assert_eq!(visit("/data.json", host).unwrap().status, 403, "{host}");
        }
        assert_eq!(visit("/other", "localhost"), None);
    }

    #[test]
    fn what_the_page_knows_is_not_sent_again() {
        let first = visit("/data.json", "localhost").unwrap();
        let view: Value = serde_json::from_slice(&first.body).unwrap();
        assert_eq!((first.status, &view["seen"]), (200, &Value::from(0)));
        assert_eq!(visit("/data.json?seen=0", "localhost").unwrap().status, 204);
        assert_eq!(visit("/data.json?seen=7", "localhost").unwrap().status, 200, "after a clear");
    }
}
