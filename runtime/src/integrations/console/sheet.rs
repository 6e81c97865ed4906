//! Lines, columns and colours.

use std::io::IsTerminal;
use std::time::{SystemTime, UNIX_EPOCH};

use sentry_core::protocol::Value;

/// How the text is dressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    color: bool,
    width: usize,
}

impl Style {
    /// No colour, 100 columns.
    pub const PLAIN: Self = Self { color: false, width: 100 };
    /// Colour by terminal escapes, 100 columns.
    pub const COLOR: Self = Self { color: true, width: 100 };

    /// As many columns, from 60 to 160.
    #[must_use]
    pub fn width(self, columns: usize) -> Self {
        Self { width: columns.clamp(60, 160), ..self }
    }

    /// What suits standard error: see the [module](crate::console).
    pub fn of_stderr() -> Self {
        let said = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let refused = said("NO_COLOR").is_some() || said("TERM").is_some_and(|terminal| terminal == "dumb");
        let style = if std::io::stderr().is_terminal() && !refused { Self::COLOR } else { Self::PLAIN };
        said("COLUMNS").and_then(|columns| columns.parse().ok()).map_or(style, |columns| style.width(columns))
    }
}

/// A colour, or weight, of some text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Cyan,
}

impl Ink {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Red => Some("31"),
            Self::Yellow => Some("33"),
            Self::Green => Some("32"),
            Self::Cyan => Some("36"),
        }
    }
}

/// Text under way.
#[derive(Debug)]
pub(super) struct Sheet {
    text: String,
    style: Style,
}

impl Sheet {
    pub(super) fn new(style: Style) -> Self {
        Self { text: String::new(), style }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn width(&self) -> usize {
        self.style.width
    }

    /// An empty line: what follows is of more than one line, and has to be found again.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A line whose first part gives way to the others; the last stands at the right-hand edge. Whether all of the first
    /// part could be said.
    pub(super) fn head(&mut self, (ink, name): (Ink, &str), said: &[(Ink, String)], aside: &str) -> bool {
        let taken: usize = said.iter().map(|(_, text)| text.chars().count() + 2).sum();
        let aside = shown(aside);
        let room = self.width().saturating_sub(taken + aside.chars().count() + 2).max(20);
        let whole = name.chars().count() <= room;
        let name = cut(name, room);
        let mut parts = vec![(ink, name.clone())];
        parts.extend(said.iter().map(|(ink, text)| (*ink, format!("  {}", shown(text)))));
        let used = name.chars().count() + taken;
        let fill = self.width().saturating_sub(used + aside.chars().count());
        parts.push((Ink::Dim, format!("{}{aside}", " ".repeat(fill))));
        self.line(&parts);
        whole
    }

    /// One line of parts in their colours, cut at the width; blanks at its end are left out.
    pub(super) fn line(&mut self, parts: &[(Ink, String)]) {
        let mut room = self.width();
        let last = parts.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        let parts = last.map_or(&[][..], |last| &parts[..=last]);
        for (at, (ink, text)) in parts.iter().enumerate() {
            let mut text = cut(text, room);
            room -= text.chars().count();
            if Some(at) == last {
                text.truncate(text.trim_end().len());
            }
            match ink.code().filter(|_| self.style.color && !text.is_empty()) {
                Some(code) => self.text.extend(["\x1b[", code, "m", &text, "\x1b[0m"]),
                None => self.text.push_str(&text),
            }
        }
        self.text.push('\n');
    }

    /// A label with what it is about, broken into at most so many lines.
    pub(super) fn detail(&mut self, label: &str, text: &str, lines: usize) {
        const LABEL: usize = 14;
        let room = self.width() - LABEL - 3;
        for (at, line) in wrapped(text, room, lines).into_iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.line(&[(Ink::Dim, format!("  {} ", left(label, LABEL))), (Ink::Plain, line)]);
        }
    }
}

/// Text that cannot move the cursor or turn the line around; a tab or the end of a line is a blank.
fn shown(text: &str) -> String {
    let visible = |c: char| match c {
        '\n' | '\t' | '\r' => ' ',
        c if c.is_control() => '·',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '·',
        c => c,
    };
    text.chars().map(visible).collect()
}

/// Cut to a width.
pub(super) fn cut(text: &str, width: usize) -> String {
    let text = shown(text);
    match text.char_indices().nth(width) {
        None => text,
        Some(_) if width == 0 => String::new(),
        Some(_) => text.chars().take(width - 1).chain(['…']).collect(),
    }
}

/// Cut or filled to a width, flush left.
pub(super) fn left(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    format!("{cut:<width$}")
}

/// Cut or filled to a width, flush right.
pub(super) fn right(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    format!("{cut:>width$}")
}

/// Lines of at most a width, broken at blanks; what does not fit into so many is cut.
fn wrapped(text: &str, width: usize, lines: usize) -> Vec<String> {
    let text = shown(text);
    let mut rest = text.as_str();
    let mut wrapped = Vec::new();
    while wrapped.len() + 1 < lines {
        let Some((end, _)) = rest.char_indices().nth(width) else { break };
        let blank = rest[..=end].rfind(' ').filter(|blank| *blank > 0);
        let (line, after) = rest.split_at(blank.unwrap_or(end));
        wrapped.push(line.to_owned());
        rest = after.trim_start();
    }
    wrapped.push(cut(rest, width));
    wrapped
}

/// `key=value key=value`; text in quotes where it has blanks.
pub(super) fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a Value)>) -> String {
    let one = |(key, value): (&str, &Value)| match value {
        Value::String(text) if !text.is_empty() && !text.contains(char::is_whitespace) => format!("{key}={text}"),
        value => format!("{key}={value}"),
    };
    pairs.into_iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Milliseconds with at most three digits, in the unit that suits.
pub(super) fn duration(millis: f64) -> String {
    match millis {
        m if m < 1.0 => format!("{:.0} µs", m * 1e3),
        m if m < 100.0 => format!("{m:.1} ms"),
        m if m < 1000.0 => format!("{m:.0} ms"),
        m => format!("{:.2} s", m / 1e3),
    }
}

/// The time of day, UTC: which zone the reader lives in is not known.
pub(super) fn clock(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() % 86_400);
    format!("{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// From one time to another in milliseconds; 0 where the clock was put back.
pub(super) fn millis(from: SystemTime, to: SystemTime) -> f64 {
    to.duration_since(from).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
