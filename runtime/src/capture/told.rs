//! What an error value shows of itself: references alone, nothing is formatted or asked until someone wants to know.

#[cfg(feature = "anyhow")]
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::OnceCell;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::ops::Deref;

use super::classify::{Classify, Policy};
use super::name::Start;

/// What an error value shows of itself.
pub struct Told<'a> {
    pub(crate) type_name: &'static str,
    /// The size of the value that carries the type's name, to tell what lies inside of it.
    pub(crate) size: usize,
    pub(crate) shown: Shown<'a>,
    classify: Option<&'a (dyn Classify + 'a)>,
    backtrace: Option<Stack<'a>>,
}

/// The stack that an error took when it was made.
#[derive(Clone, Copy)]
enum Stack<'a> {
    #[cfg(feature = "anyhow")]
    Own(&'a Backtrace),
    /// Somewhere in the text of a report.
    #[cfg(feature = "eyre")]
    In(&'a (dyn Debug + 'a)),
    #[cfg(not(any(feature = "anyhow", feature = "eyre")))]
    #[expect(dead_code, reason = "keeps the lifetime where nothing else does")]
    Never(&'a std::convert::Infallible),
}

/// The faces that are told apart.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'a> {
    /// An error of the named type.
    Error(&'a (dyn Error + 'a)),
    /// What a box points to; the type's name is the box's.
    Erased(&'a (dyn Error + 'a)),
    /// The same, and it can be asked which one it is.
    #[cfg_attr(
        not(any(feature = "anyhow", feature = "eyre")),
        expect(dead_code, reason = "only these tell that what they hide outlives everything")
    )]
    ErasedStatic(&'a (dyn Error + 'static)),
    /// Text for people and for developers.
    Text(&'a (dyn Display + 'a), &'a (dyn Debug + 'a)),
    /// Text for developers.
    Debug(&'a (dyn Debug + 'a)),
    /// Text for people.
    Display(&'a (dyn Display + 'a)),
    /// Nothing.
    Opaque,
}

impl<'a> Told<'a> {
    #[inline(always)]
    pub(crate) fn new(type_name: &'static str, size: usize, shown: Shown<'a>) -> Self {
        Self { type_name, size, shown, classify: None, backtrace: None }
    }

    #[inline(always)]
    pub(crate) fn classified(mut self, classify: &'a (dyn Classify + 'a)) -> Self {
        self.classify = Some(classify);
        self
    }

    #[cfg(feature = "anyhow")]
    #[inline(always)]
    pub(crate) fn with_backtrace(mut self, backtrace: &'a Backtrace) -> Self {
        self.backtrace = Some(Stack::Own(backtrace));
        self
    }

    #[cfg(feature = "eyre")]
    #[inline(always)]
    pub(crate) fn with_report(mut self, report: &'a (dyn Debug + 'a)) -> Self {
        self.backtrace = Some(Stack::In(report));
        self
    }

    /// The stack that the error took when it was made, as text.
    pub(crate) fn stack(&self) -> Option<String> {
        match self.backtrace? {
            #[cfg(feature = "anyhow")]
            Stack::Own(stack) => (stack.status() == BacktraceStatus::Captured).then(|| stack.to_string()),
            #[cfg(feature = "eyre")]
            Stack::In(report) => {
                format!("{report:?}").split_once("Stack backtrace:").map(|(_, stack)| stack.to_owned())
            }
            #[cfg(not(any(feature = "anyhow", feature = "eyre")))]
            Stack::Never(never) => match *never {},
        }
    }

    /// The type's own policy for this error. It runs the user's code.
    #[inline]
    pub(crate) fn policy(&self) -> Option<Policy> {
        self.classify.map(Classify::classify)
    }

    /// Listens to the value.
    pub(super) fn heard(&self) -> Heard<'_> {
        Heard { told: self, text: OnceCell::new(), start: OnceCell::new() }
    }

    /// The value as an error, where it is one.
    pub(crate) fn error(&self) -> Option<&'a (dyn Error + 'a)> {
        match self.shown {
            Shown::Error(err) | Shown::Erased(err) => Some(err),
            Shown::ErasedStatic(err) => Some(err),
            _ => None,
        }
    }

    /// Whether the type's name is only that of a box.
    pub(crate) fn is_erased(&self) -> bool {
        matches!(self.shown, Shown::Erased(_) | Shown::ErasedStatic(_))
    }

    /// The text for developers, where there is one.
    pub(crate) fn debug(&self) -> Option<&'a (dyn Debug + 'a)> {
        match self.shown {
            Shown::Text(_, debug) | Shown::Debug(debug) => Some(debug),
            Shown::Display(_) | Shown::Opaque => None,
            _ => self.error().map(|err| err as &dyn Debug),
        }
    }
}

/// The text for people; the next best thing where there is none.
impl Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shown {
            Shown::Error(err) | Shown::Erased(err) => Display::fmt(err, f),
            Shown::ErasedStatic(err) => Display::fmt(err, f),
            Shown::Text(text, _) | Shown::Display(text) => Display::fmt(text, f),
            Shown::Debug(debug) => Debug::fmt(debug, f),
            Shown::Opaque => f.write_str(self.type_name),
        }
    }
}

/// The type's name alone: the value's own text is asked for by those who want it.
impl Debug for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Told").field(&self.type_name).finish()
    }
}

/// An error value that is listened to: however often its texts are asked for, the user's code writes each of them once.
pub(super) struct Heard<'a> {
    told: &'a Told<'a>,
    text: OnceCell<String>,
    start: OnceCell<Option<Start>>,
}

impl Heard<'_> {
    /// The text for people, of bounded length; or the next best thing.
    pub(super) fn text(&self) -> &str {
        self.text.get_or_init(|| crate::context::text(format_args!("{}", self.told)))
    }

    /// The beginning of the text for developers, where there is one.
    pub(super) fn start(&self) -> Option<&Start> {
        self.start.get_or_init(|| self.told.debug().map(Start::of)).as_ref()
    }
}

impl<'a> Deref for Heard<'a> {
    type Target = &'a Told<'a>;
    fn deref(&self) -> &&'a Told<'a> {
        &self.told
    }
}

impl Display for Heard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Debug for Heard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(self.told, f)
    }
}
