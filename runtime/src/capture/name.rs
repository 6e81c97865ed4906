//! The name of an error: its type, its variant, its module, and never a word of its message.

use std::borrow::Cow;
use std::fmt::{self, Debug, Write};

use crate::context::beginning;

/// What an error is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    /// As it stands in a list of errors, without the variant: `PaymentError`, `io::Error`, `Box<dyn Error>`.
    title: Cow<'static, str>,
    /// The last segment of the type's path; empty where there is none.
    own: &'static str,
    variant: Option<String>,
    /// The path of the type's module; nothing where only a text shape told the name.
    pub module: Option<&'static str>,
}

impl Name {
    /// The type of the exception: `PaymentError::Declined`.
    pub(crate) fn ty(&self) -> String {
        match &self.variant {
            Some(variant) => [&self.title, "::", variant].concat(),
            None => self.title.clone().into_owned(),
        }
    }

    /// Whether `end` is the end of the type's path, whole segments of it, with or without the variant.
    pub(crate) fn ends_with(&self, end: &str) -> bool {
        let before_variant = self.variant.as_deref().and_then(|variant| end.strip_suffix(variant));
        let is_variant_alone = before_variant == Some("");
        let of_type = |end: &str| {
            is_end(&self.title, end) || end == self.own || {
                let before_own = end.strip_suffix(self.own).and_then(|before| before.strip_suffix("::"));
                !self.own.is_empty() && self.module.zip(before_own).is_some_and(|(module, end)| is_end(module, end))
            }
        };
        is_variant_alone || of_type(end) || before_variant.and_then(|end| end.strip_suffix("::")).is_some_and(of_type)
    }
}

fn is_end(path: &str, end: &str) -> bool {
    !end.is_empty() && path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with("::"))
}

/// The name of a type with its variant.
pub(crate) fn of_type(type_name: &'static str, variant: Option<&str>) -> Name {
    let path = Path::of(type_name);
    Name {
        variant: variant.filter(|variant| *variant != path.name).map(str::to_owned),
        own: if path.unnamed.is_none() { path.name } else { "" },
        module: path.module,
        title: path.title(),
    }
}

/// The name of a type, with the variant that its derived `Debug` tells.
pub(crate) fn of_type_by_shape(type_name: &'static str, shape: Option<Shape<'_>>) -> Name {
    let variant = shape.and_then(|shape| match shape.io_kind {
        Some(kind) if type_name == std::any::type_name::<std::io::Error>() => kind,
        _ => Some(shape.word),
    });
    of_type(type_name, variant)
}

/// The name of an error behind a `dyn`, as its derived `Debug` tells it; `erased` is the name of what it is hidden in.
pub(crate) fn of_shape(shape: Option<Shape<'_>>, erased: &'static str) -> Name {
    match shape {
        Some(Shape { io_kind: Some(kind), .. }) => of_type(std::any::type_name::<std::io::Error>(), kind),
        // A type of this name says nothing without its module: that of the pointer says more.
        Some(shape) if shape.word != "Error" => {
            Name { title: Cow::Owned(shape.word.to_owned()), own: "", variant: None, module: None }
        }
        _ => Name { title: Path::of(erased).title(), own: "", variant: None, module: None },
    }
}

/// What the text of a derived `Debug` begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape<'a> {
    /// The name of a variant, or of a struct.
    word: &'a str,
    /// It is one of the ways in which an `io::Error` writes itself; with its kind.
    io_kind: Option<Option<&'a str>>,
}

/// A derived `Debug` starts with an upper-case identifier and goes on with nothing, `(` or ` {`. Anything else is a text
/// that somebody wrote.
pub(crate) fn shape(start: &Start) -> Option<Shape<'_>> {
    let text = beginning(start.text(), LONGEST_WORD);
    let whole = start.is_whole && text.len() == start.length;
    if !text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let derived = if rest.is_empty() { whole } else { rest.starts_with('(') || rest.starts_with(" {") };
    derived.then(|| Shape { word, io_kind: io_kind(word, rest) })
}

/// The three shapes in which `io::Error` writes itself.
fn io_kind<'a>(word: &str, rest: &'a str) -> Option<Option<&'a str>> {
    let after = match word {
        "Os" => rest.strip_prefix(" { code: ").and_then(|rest| rest.split_once("kind: "))?.1,
        "Custom" => rest.strip_prefix(" { kind: ")?,
        "Kind" => rest.strip_prefix('(')?,
        _ => return None,
    };
    let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
    Some((end > 0 && end < after.len()).then(|| &after[..end]))
}

/// How much of a `Debug` text is looked at for a name.
const LONGEST_WORD: usize = 64;

/// The beginning of a `Debug` text: enough to tell types apart, short of the backtraces that some write.
#[derive(Debug)]
pub(crate) struct Start {
    bytes: [u8; Self::ROOM],
    length: usize,
    is_whole: bool,
}

impl Start {
    const ROOM: usize = 128;

    /// It runs the user's `Debug`, and lets it write no more than that.
    pub(crate) fn of(debug: &(dyn Debug + '_)) -> Self {
        let mut start = Self { bytes: [0; Self::ROOM], length: 0, is_whole: false };
        start.is_whole = write!(start, "{debug:?}").is_ok();
        start
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let taken = beginning(text, Self::ROOM - self.length);
        self.bytes[self.length..][..taken.len()].copy_from_slice(taken.as_bytes());
        self.length += taken.len();
        if taken.len() == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// A type's name as the compiler writes it, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Path {
    module: Option<&'static str>,
    /// The last segment without generics.
    name: &'static str,
    /// Behind which pointer a `dyn` stands, or what else has no path.
    unnamed: Option<Cow<'static, str>>,
}

impl Path {
    fn of(type_name: &'static str) -> Self {
        let text = type_name.trim_start_matches('&').trim_start_matches("mut ");
        if let Some(rest) = text.strip_prefix("dyn ") {
            let trait_path = rest.split([' ', '<']).next().unwrap_or(rest);
            let name = trait_path.rsplit("::").next().unwrap_or(trait_path);
            return Self { module: None, name, unnamed: Some(Cow::Owned(format!("dyn {name}"))) };
        }
        if !text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '<') {
            return Self { module: None, name: text, unnamed: Some(Cow::Borrowed(text)) };
        }
        let (module, name, generics) = split(text);
        if let (Some("alloc::boxed" | "alloc::sync" | "alloc::rc"), "Box" | "Arc" | "Rc", Some(inner)) =
            (module, name, generics)
        {
            let inner = Self::of(inner);
            return match inner.unnamed {
                Some(unnamed) if !unnamed.ends_with('>') => {
                    Self { unnamed: Some(Cow::Owned(format!("{name}<{unnamed}>"))), ..inner }
                }
                _ => inner,
            };
        }
        Self { module, name, unnamed: None }
    }

    /// The name as it stands in a list of errors: half of all crates call theirs `Error`, so such a name is told with the
    /// nearest module that says something.
    fn title(self) -> Cow<'static, str> {
        if let Some(unnamed) = self.unnamed {
            return unnamed;
        }
        if !matches!(self.name, "Error" | "Report") {
            return Cow::Borrowed(self.name);
        }
        let says_something = |segment: &&str| !matches!(*segment, "error" | "errors" | "err" | "private");
        match self.module.and_then(|module| module.rsplit("::").find(says_something)) {
            Some(parent) => Cow::Owned(format!("{parent}::{}", self.name)),
            None => Cow::Borrowed(self.name),
        }
    }
}

/// Module, name and generics of a path: `a::b`, `C`, `D<E>` of `a::b::C<D<E>>`.
fn split(path: &'static str) -> (Option<&'static str>, &'static str, Option<&'static str>) {
    let bytes = path.as_bytes();
    // Most have no generics.
    if !bytes.contains(&b'<') {
        let last = bytes.iter().rposition(|byte| *byte == b':').map_or(0, |at| at + 1);
        return (path.get(..last.saturating_sub(2)).filter(|module| !module.is_empty()), &path[last..], None);
    }
    let (mut depth, mut last, mut open) = (0_usize, 0, None);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => {
                if depth == 0 && at > last {
                    open = Some(at);
                }
                depth += 1;
            }
            // The `>` of an arrow closes nothing.
            b'>' if at > 0 && bytes[at - 1] != b'-' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && at > 0 && bytes[at - 1] == b':' => {
                last = at + 1;
                open = None;
            }
            _ => {}
        }
    }
    let end = open.unwrap_or(path.len());
    let module = (last > 2).then(|| &path[..last - 2]);
    let generics = open.and_then(|open| path[open..].strip_prefix('<')?.strip_suffix('>'));
    (module, &path[last..end], generics)
}

#[cfg(test)]
mod tests {
    use std::any::type_name;
    use std::error::Error;
    use std::sync::Arc;

    use super::*;

    #[derive(Debug)]
    #[expect(dead_code, reason = "read by Debug alone")]
    enum Payment<T> {
        Declined { code: T },
        Timeout(u32),
        Unknown,
    }
    #[derive(Debug)]
    struct Plain;

    struct Says(&'static str);
    impl Debug for Says {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    #[test]
    fn types_are_told_without_generics_pointers_and_modules() {
        for (type_name, ty, module) in [
            (type_name::<Plain>(), "Plain", Some("watchpost::capture::name::tests")),
            (type_name::<Payment<Vec<u8>>>(), "Payment", Some("watchpost::capture::name::tests")),
            (type_name::<Box<Payment<u8>>>(), "Payment", Some("watchpost::capture::name::tests")),
            (type_name::<&Arc<Plain>>(), "Plain", Some("watchpost::capture::name::tests")),
            (type_name::<std::io::Error>(), "io::Error", Some("std::io::error")),
            (type_name::<serde_json::Error>(), "serde_json::Error", Some("serde_json::error")),
            (type_name::<fmt::Error>(), "fmt::Error", Some("core::fmt")),
            (type_name::<std::num::ParseIntError>(), "ParseIntError", Some("core::num::error")),
            (type_name::<Box<dyn Error + Send + Sync>>(), "Box<dyn Error>", None),
            (type_name::<Arc<dyn Error>>(), "Arc<dyn Error>", None),
            (type_name::<String>(), "String", Some("alloc::string")),
            (type_name::<&'static str>(), "str", None),
            (type_name::<()>(), "()", None),
            (type_name::<(u8, Plain)>(), type_name::<(u8, Plain)>(), None),
            ("app::{{closure}}::Inner", "Inner", Some("app::{{closure}}")),
            ("<app::S as app::T>::go::Inner<u8>", "Inner", Some("<app::S as app::T>::go")),
            ("app::Wrap<fn(u8) -> app::B>", "Wrap", Some("app")),
        ] {
            let name = of_type(type_name, None);
            assert_eq!((name.ty().as_str(), name.module), (ty, module), "{type_name}");
        }
    }

    #[test]
    fn variants_come_from_a_derived_debug_and_from_nothing_else() {
        let long = Payment::Declined { code: "x".repeat(500) };
        for (debug, word) in [
            (&long as &dyn Debug, Some("Declined")),
            (&Payment::<u8>::Timeout(3), Some("Timeout")),
            (&Payment::<u8>::Unknown, Some("Unknown")),
            (&Plain, Some("Plain")),
            (&Says("user 4711 failed"), None),
            (&Says("Card 4242 declined"), None),
            (&Says("Alice: no such user"), None),
            (&Says("reqwest::Error { kind: Builder }"), None),
            (&Says("A::B"), None),
            (&Says(""), None),
            (&"Quoted", None),
            (&5, None),
        ] {
            assert_eq!(shape(&Start::of(debug)).map(|shape| shape.word), word, "{debug:?}");
        }
        let cut = "A".repeat(80);
        assert_eq!(shape(&Start::of(&Says(cut.leak()))), None, "a word that does not end says nothing");
    }

    #[test]
    fn an_io_error_tells_its_kind() {
        use std::io::{Error, ErrorKind};
        for (err, kind) in [
            (Error::from_raw_os_error(2), "NotFound"),
            (Error::other("x"), "Other"),
            (Error::from(ErrorKind::TimedOut), "TimedOut"),
        ] {
            let start = Start::of(&err);
            let shape = shape(&start);
            assert_eq!(of_shape(shape, "Box<dyn Error>").ty(), format!("io::Error::{kind}"));
            assert_eq!(of_type_by_shape(type_name::<Error>(), shape).ty(), format!("io::Error::{kind}"));
            assert_ne!(of_type_by_shape("app::Own", shape).ty(), format!("app::Own::{kind}"));
        }
    }

    #[test]
    fn a_hidden_error_is_told_by_its_shape_or_by_what_hides_it() {
        let boxed = type_name::<Box<dyn Error + Send + Sync>>();
        let named = |debug: &dyn Debug| of_shape(shape(&Start::of(debug)), boxed).ty();
        assert_eq!(named(&Payment::<u8>::Unknown), "Unknown");
        assert_eq!(named(&"text"), "Box<dyn Error>");
        assert_eq!(named(&Says("Error { context: 1 }")), "Box<dyn Error>");
        assert_eq!(of_shape(None, "anyhow::Error").ty(), "anyhow::Error");
        assert_eq!(of_shape(None, "eyre::Report").ty(), "eyre::Report");
    }

    #[test]
    fn a_path_ends_with_whole_segments() {
        let declined = of_type("shop::payments::PaymentError", Some("Declined"));
        for end in [
            "Declined",
            "PaymentError",
            "PaymentError::Declined",
            "payments::PaymentError",
            "shop::payments::PaymentError::Declined",
        ] {
            assert!(declined.ends_with(end), "{end}");
        }
        for end in ["Error", "Error::Declined", "ments::PaymentError", "payments", "Timeout", "", "::PaymentError"] {
            assert!(!declined.ends_with(end), "{end}");
        }
        let io = of_type(type_name::<std::io::Error>(), Some("NotFound"));
        for end in ["io::Error", "io::Error::NotFound", "std::io::error::Error", "NotFound"] {
            assert!(io.ends_with(end), "{end}");
        }
        assert!(of_shape(None, type_name::<Box<dyn Error>>()).ends_with("Box<dyn Error>"));
    }
}
