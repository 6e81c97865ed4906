//! Lines, columns and colours.

use super::Style;

/// The width of every line, in characters.
pub(super) const WIDTH: usize = 100;

/// A colour, or weight, of some text.
#[derive(Debug, Clone, Copy)]
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
pub(super) struct Page {
    text: String,
    style: Style,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self { text: String::new(), style }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// A section's title, with what is said about it at the right-hand edge.
    pub(super) fn title(&mut self, title: &str, aside: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let width = WIDTH - title.chars().count();
        self.line(&[(Ink::Bold, title.to_owned()), (Ink::Dim, right(aside, width))]);
    }

    /// One line of parts in their colours; blanks at its end are left out.
    pub(super) fn line(&mut self, parts: &[(Ink, String)]) {
        let last = parts.iter().rposition(|(_, text)| !text.trim_end().is_empty());
        let shown = last.map_or(&[][..], |last| &parts[..=last]);
        for (at, (ink, text)) in shown.iter().enumerate() {
            let text = if Some(at) == last { text.trim_end() } else { text };
            match ink.code().filter(|_| self.style.color) {
                Some(code) => self.text.extend(["\x1b[", code, "m", text, "\x1b[0m"]),
                None => self.text.push_str(text),
            }
        }
        self.text.push('\n');
    }
}

/// Cut or filled to a width, flush left. What came over the wire may hold anything: control characters are shown as dots.
pub(super) fn left(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    format!("{cut:<width$}")
}

/// Cut or filled to a width, flush right.
pub(super) fn right(text: &str, width: usize) -> String {
    let cut = cut(text, width);
    format!("{cut:>width$}")
}

/// Cut to a width.
pub(super) fn cut(text: &str, width: usize) -> String {
    let visible = |c: char| if c.is_control() { '·' } else { c };
    if text.chars().count() <= width {
        return text.chars().map(visible).collect();
    }
    text.chars().map(visible).take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Lines of at most a width, broken at blanks; what does not fit into so many lines is cut.
pub(super) fn wrapped(text: &str, width: usize, lines: usize) -> Vec<String> {
    let mut rest = text;
    let mut wrapped = Vec::new();
    while wrapped.len() + 1 < lines && rest.chars().count() > width {
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(end, _)| end);
        let blank = rest[..end].rfind(' ').filter(|blank| *blank > 0);
        let (line, after) = rest.split_at(blank.unwrap_or(end));
        wrapped.push(cut(line, width));
        rest = after.trim_start();
    }
    wrapped.push(cut(rest, width));
    wrapped
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

/// `1 span`, `2 spans`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
