//! Text of bounded length.

use std::fmt::{Arguments, Write};

/// How many bytes of one value are sent: Sentry's own limit of a message and of an exception's value.
const MAX_BYTES: usize = 8192;

/// Most texts fit into so many.
const USUAL_BYTES: usize = 64;

/// What stands where text was cut.
const CUT: &str = "…";

/// The longest beginning of `text` within `limit` bytes that ends between two characters.
pub(crate) fn beginning(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The text, cut at the limit of one value.
pub(crate) fn cut(text: &str) -> String {
    if text.len() <= MAX_BYTES {
        return text.to_owned();
    }
    let mut cut = beginning(text, MAX_BYTES - CUT.len()).to_owned();
    cut.push_str(CUT);
    cut
}

/// Formats into text, cut at the limit of one value. Formatting ends there: a giant's `Debug` costs no more than its
/// beginning. An implementation that fails leaves what it had written, where `to_string` would panic.
pub(crate) fn text(arguments: Arguments<'_>) -> String {
    if let Some(text) = arguments.as_str() {
        return cut(text);
    }
    let mut bounded = Bounded { text: String::with_capacity(USUAL_BYTES) };
    let _ = bounded.write_fmt(arguments);
    bounded.text
}

struct Bounded {
    text: String,
}

impl Write for Bounded {
    fn write_str(&mut self, piece: &str) -> std::fmt::Result {
        let free = (MAX_BYTES - CUT.len()).saturating_sub(self.text.len());
        if piece.len() <= free {
            self.text.push_str(piece);
            return Ok(());
        }
        self.text.push_str(beginning(piece, free));
        self.text.push_str(CUT);
        Err(std::fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(beginning("aé", 2), "a");
        assert_eq!(beginning("aé", 3), "aé");
        let long = "é".repeat(MAX_BYTES);
        assert!(cut(&long).len() <= MAX_BYTES);
        assert!(cut(&long).ends_with("é…"));
        assert_eq!(cut("short"), "short");
    }

    #[test]
    fn formatting_stops_at_the_limit() {
        struct Endless;
        impl std::fmt::Debug for Endless {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                loop {
                    f.write_str("again ")?;
                }
            }
        }
        let text = text(format_args!("{Endless:?}"));
        assert!(text.len() <= MAX_BYTES, "{}", text.len());
        assert!(text.ends_with('…'));
    }

    #[test]
    fn what_fits_is_whole() {
        assert_eq!(text(format_args!("{}", 17)), "17");
        assert_eq!(text(format_args!("plain")), "plain");
    }
}
