//! The report for a person.

use std::fmt::Write as _;

use super::{Report, Sent, Tried};

impl Report {
    /// The report as text; `verbose` shows every envelope and everything that was seen to be right.
    pub fn text(&self, verbose: bool, colour: bool) -> String {
        let mut out = match &self.server {
            Some(server) => format!("Watchpost: sent to {server}\n"),
            None => "Watchpost: sent to a receiver in this process, as SENTRY_DSN is not set\n".to_owned(),
        };
        let _ = writeln!(out, "events and transactions have the tag watchpost.test:{}\n", self.run);
        for tried in &self.trials {
            tried.tell(&mut out, verbose, colour);
        }
        let (failed, skipped) = (self.failed(), self.trials.iter().filter(|tried| tried.is_skipped).count());
        let passed = self.trials.len() - failed;
        let _ = write!(out, "\n{passed} passed, {} failed", failed - skipped);
        out.push_str(&if skipped > 0 { format!(", {skipped} not tried\n") } else { "\n".to_owned() });
        match &self.links {
            Some(_) if passed == 0 => {}
            Some(links) => {
                let _ = writeln!(out, "\nlook at\n  {}\n  {}\n  {}", links.issues, links.traces, links.monitors);
                for tried in self.trials.iter().filter(|tried| tried.is_right()) {
                    let _ = writeln!(out, "  {}: {}", tried.name(), tried.look_for);
                }
            }
            None => out.push_str("set SENTRY_DSN to try the server\n"),
        }
        out
    }
}

impl Tried {
    fn name(&self) -> String {
        format!("{:?}", self.trial).to_lowercase()
    }

    fn tell(&self, out: &mut String, verbose: bool, colour: bool) {
        let (mark, code) = match (self.is_skipped, self.problems.is_empty()) {
            (true, _) => ("skipped", 90),
            (false, true) => ("ok     ", 32),
            (false, false) => ("failed ", 31),
        };
        let mark = if colour { format!("\x1b[{code}m{mark}\x1b[0m") } else { mark.to_owned() };
        let what = if self.is_skipped { "the server was not reached before".to_owned() } else { self.summary() };
        let _ = writeln!(out, "{mark} {:<12} {what}", self.name());
        for problem in &self.problems {
            let _ = writeln!(out, "          problem: {problem}");
        }
        if verbose {
            for sent in &self.sent {
                let _ = writeln!(out, "          sent: {}", sent.line());
            }
            for right in &self.right {
                let _ = writeln!(out, "          so: {right}");
            }
        }
    }

    /// `2 event, 1 transaction: taken`
    fn summary(&self) -> String {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for kind in self.sent.iter().flat_map(|sent| &sent.items).filter(|kind| *kind != "client_report") {
            match counts.iter_mut().find(|(known, _)| known == kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((kind, 1)),
            }
        }
        counts.sort_unstable();
        let items: Vec<_> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let taken = if self.sent.iter().all(|sent| sent.problem().is_none()) { "taken" } else { "not all taken" };
        format!("{}: {taken}", items.join(", "))
    }
}

impl Sent {
    fn line(&self) -> String {
        let mut line = self.items.join(", ");
        if let Some(id) = &self.id {
            let _ = write!(line, " {id}");
        }
        match (self.status, &self.error) {
            (Some(status), _) => {
                let its_id = self.answered_id.is_some() && self.answered_id == self.id;
                let _ = write!(line, ", answered {status}{}", if its_id { " and its id" } else { "" });
            }
            (None, Some(error)) => {
                let _ = write!(line, ", {error}");
            }
            (None, None) => {}
        }
        if let Some(limits) = &self.rate_limits {
            let _ = write!(line, ", limits {limits}");
        }
        line
    }
}
