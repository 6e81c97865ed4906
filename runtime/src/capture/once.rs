//! How once is told.
//!
//! Every open call carries [`Marks`]: the errors that were dealt with (captured, or let go on purpose) inside its dynamic
//! extent and may still be on their way out through it. A call that returns without such an error has handled it, and its
//! marks end with it. A call that ends with one hands its mark to the call around it.

use std::time::{Duration, Instant};

use sentry_core::Breadcrumb;
use sentry_core::types::Uuid;

use super::crumbs::Crumbs;
use super::held::Held;
use super::identity::Identity;
pub(crate) use super::observe::observe;
use super::told::Heard;
use super::values::Values;
use crate::CallSite;

/// How many errors a call remembers. More are on their way out at once only in a loop that collects them.
const KEPT: usize = 16;

/// How long an error counts as dealt with after the outermost call has ended with it: time for the log line and the exit
/// code of the code that called it.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// How many characters of a text are compared, and how many it takes to be sure that one text quotes another.
const QUOTED: std::ops::RangeInclusive<usize> = 8..=256;

/// What an open call, or another extent (a request, a thread outside any call), knows of the errors inside of it.
///
/// One pointer, null until the first error.
#[derive(Debug, Default)]
pub(crate) struct Marks(Option<Box<Known>>);

#[derive(Debug, Default)]
struct Known {
    marks: Vec<Mark>,
    /// The annotated call inside that ended last, ended with the error of the last mark.
    is_last: bool,
    logged: Vec<Logged>,
    held: Option<Held>,
    crumbs: Crumbs,
}

/// A text that was reported for want of the error itself, which may still be on its way.
#[derive(Debug)]
struct Logged {
    text: Box<str>,
    event: Option<Uuid>,
}

/// How many logged texts a call remembers.
const LOGGED: usize = 4;

/// An error that was dealt with.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub seen: Seen,
    /// The event that was sent, if one was.
    pub event: Option<Uuid>,
    /// It was captured; else let go on purpose.
    pub captured: bool,
    /// When the outermost call ended with it.
    pub since: Option<Instant>,
}

/// By what an error is recognised when it is seen again.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    identity: Identity,
    /// Unknown for an error of which only a `dyn` was seen.
    type_name: Option<&'static str>,
    text: Box<str>,
    has_source: bool,
}

impl Seen {
    /// It runs the user's code.
    pub(super) fn of(told: &Heard<'_>) -> Self {
        Self {
            identity: Identity::of(told),
            type_name: Some(told.type_name),
            text: beginning_of(told.text()),
            has_source: told.error().and_then(std::error::Error::source).is_some(),
        }
    }

    /// As [`of`](Self::of), for an error of which nothing but this reference is known.
    pub(super) fn of_dyn(err: &(dyn std::error::Error + '_)) -> Self {
        Self {
            identity: Identity::of_dyn(err),
            type_name: None,
            text: beginning_of(&crate::context::text(format_args!("{err}"))),
            has_source: err.source().is_some(),
        }
    }

    fn has_type_of(&self, other: &Self) -> bool {
        self.type_name.is_some() && self.type_name == other.type_name
    }

    /// Whether this error may be what a conversion without a `source` made of `inner`: it is of another type, or its text
    /// has the other's in it, as `map_err(|err| format!("charging: {err}"))` leaves it.
    fn may_be_made_of(&self, inner: &Self) -> bool {
        // Of equal texts the identity has told all there is.
        let quotes = || {
            self.text != inner.text && QUOTED.contains(&inner.text.chars().count()) && self.text.contains(&*inner.text)
        };
        !self.has_source && self.type_name.is_some() && (!self.has_type_of(inner) || quotes())
    }
}

fn beginning_of(text: &str) -> Box<str> {
    // So many bytes are at most so many characters.
    if text.len() <= *QUOTED.end() {
        return text.into();
    }
    text.char_indices().nth(*QUOTED.end()).map_or(text, |(end, _)| &text[..end]).into()
}

impl Marks {
    /// Whether nothing is known at all.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// An annotated call just inside this extent has ended without an error, or with one that left no mark.
    #[inline]
    pub(crate) fn inner_call_went_well(&mut self) {
        if let Some(known) = &mut self.0 {
            known.is_last = false;
        }
    }

    /// An extent inside of this one that is no annotated call has ended: it handles nothing, so what it knows goes on.
    pub(crate) fn absorb(&mut self, inner: Self) {
        let Some(mut inner) = inner.0 else { return };
        let known = self.known();
        for mark in inner.marks.drain(..) {
            known.keep(mark);
        }
        known.is_last = inner.is_last;
        for logged in inner.logged {
            known.keep_logged(logged);
        }
        for crumb in inner.crumbs {
            known.crumbs.push(crumb);
        }
    }

    /// From here on events below are held back, until [`release`](Self::release).
    pub(crate) fn hold(&mut self) {
        self.known().held.get_or_insert_default();
    }

    /// The events that were held back; from here on none are.
    pub(crate) fn release(&mut self) -> Option<Held> {
        self.0.as_mut()?.held.take()
    }

    pub(super) fn is_holding(&self) -> bool {
        self.0.as_ref().is_some_and(|known| known.held.is_some())
    }

    pub(super) fn held(&mut self) -> Option<&mut Held> {
        self.0.as_mut()?.held.as_mut()
    }

    /// Whether an error was captured inside this extent, or the call inside that ended last ended with one that was let go on purpose.
    pub(super) fn is_dealt_with(&self) -> bool {
        let Some(known) = &self.0 else { return false };
        known.is_last || !known.logged.is_empty() || known.marks.iter().any(|mark| mark.captured)
    }

    /// What became of this error, if it was dealt with inside this extent.
    pub(super) fn find(&self, seen: &Seen) -> Option<&Mark> {
        let known = self.0.as_ref()?;
        let is_fresh = |mark: &&Mark| mark.since.is_none_or(|since| since.elapsed() < AFTERWARDS);
        let same = known
            .marks
            .iter()
            .rev()
            .filter(is_fresh)
            .find(|mark| seen.identity.is(&mark.seen.identity, seen.has_type_of(&mark.seen)));
        same.or_else(|| {
            let last = known.marks.last().filter(|mark| known.is_last && mark.captured)?;
            seen.may_be_made_of(&last.seen).then_some(last)
        })
    }

    /// What became of this error, if a text that was reported inside this extent has its text in it.
    pub(super) fn find_logged(&self, seen: &Seen) -> Option<Mark> {
        let known = self.0.as_ref()?;
        let logged = known.logged.iter().rev().find(|logged| quotes(&logged.text, &seen.text))?;
        Some(Mark { seen: seen.clone(), event: logged.event, captured: true, since: None })
    }

    /// What became of an error whose text one of these texts has in it.
    pub(super) fn find_quoted(&self, texts: &[&str]) -> Option<&Mark> {
        let known = self.0.as_ref()?;
        let is_fresh = |mark: &&Mark| mark.since.is_none_or(|since| since.elapsed() < AFTERWARDS);
        let mut marks = known.marks.iter().rev().filter(is_fresh);
        marks.find(|mark| texts.iter().any(|text| quotes(text, &mark.seen.text)))
    }

    /// A text was reported here for want of the error itself.
    pub(super) fn note_logged(&mut self, text: &str, event: Option<Uuid>) {
        self.known().keep_logged(Logged { text: text.into(), event });
    }

    /// A call just inside this extent has ended with this error.
    pub(super) fn inner_call_left(&mut self, mark: Mark) {
        let known = self.known();
        known.keep(mark);
        known.is_last = true;
    }

    /// This error was dealt with here, in the middle of the call.
    pub(super) fn note(&mut self, mark: Mark) {
        self.known().keep(mark);
    }

    pub(super) fn push_crumb(&mut self, crumb: Breadcrumb) {
        self.known().crumbs.push(crumb);
    }

    pub(super) fn crumbs(&self) -> impl Iterator<Item = &Breadcrumb> {
        self.0.iter().flat_map(|known| known.crumbs.iter())
    }

    fn known(&mut self) -> &mut Known {
        self.0.get_or_insert_default()
    }
}

/// Whether a text has that of an error in it; too short ones say nothing unless they are all of it.
fn quotes(text: &str, error: &str) -> bool {
    text == error || QUOTED.contains(&error.chars().count()) && text.contains(error)
}

impl Known {
    fn keep_logged(&mut self, logged: Logged) {
        if self.logged.len() >= LOGGED {
            self.logged.remove(0);
        }
        self.logged.push(logged);
    }

    fn keep(&mut self, mark: Mark) {
        if self.marks.len() >= KEPT {
            self.marks.remove(0);
        }
        self.marks.push(mark);
        self.is_last = false;
    }
}

/// One open call as the engine lends it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenCall<'a> {
    pub extent: Extent,
    /// The values recorded at entry.
    pub values: Option<&'a Values>,
    pub marks: Option<&'a Marks>,
}

/// What an open call is the call of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
    /// An annotated function.
    Call(&'static CallSite),
    /// A span built by hand, a request.
    Span,
    /// A call around the task that the others belong to: what it says is not of them, but it may see their errors. The last.
    Beyond,
    /// The thread, outside of any call. The last.
    Thread,
}

impl Extent {
    pub(super) fn site(self) -> Option<&'static CallSite> {
        match self {
            Self::Call(site) => Some(site),
            Self::Span | Self::Beyond | Self::Thread => None,
        }
    }
}

/// The open calls of this thread's task, as the engine knows them. Depth 0 is the innermost: the call that is ending with
/// an error, when it is observed.
///
/// What is given to these functions runs no code of the user's and asks the engine for nothing, so the engine may hold its
/// own borrows meanwhile. Nothing is borrowed in between.
pub(crate) trait OpenCalls {
    /// Lends each open call to `f`, innermost first, until `f` says `false`.
    fn each(&self, f: &mut dyn FnMut(OpenCall<'_>) -> bool);
    /// Whether the call that is ending is the only one, has nothing to say and knows of no error, and neither does the thread.
    fn is_lone(&self) -> bool {
        false
    }
    /// The values of the call that is ending, which nobody will ask for again.
    fn take_values(&self) -> Values {
        Values::default()
    }
    /// Lends the marks of the call at this depth, made if need be; does nothing where there is no such call.
    fn marks(&self, depth: usize, f: &mut dyn FnMut(&mut Marks));
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::fmt;

    use super::*;
    use crate::capture::face::told;
    use crate::capture::told::Told;

    #[derive(Debug)]
    struct Gateway(&'static str);
    impl fmt::Display for Gateway {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }
    impl Error for Gateway {}
    #[derive(Debug)]
    struct Payment(Gateway);
    impl fmt::Display for Payment {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("payment")
        }
    }
    impl Error for Payment {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    fn left(told: &Told<'_>, captured: bool) -> Marks {
        let mut marks = Marks::default();
        marks.inner_call_left(Mark { seen: Seen::of(&told.heard()), event: None, captured, since: None });
        marks
    }

    fn knows(marks: &Marks, told: &Told<'_>) -> bool {
        marks.find(&Seen::of(&told.heard())).is_some()
    }

    #[test]
    fn the_same_error_and_what_wraps_it_are_known() {
        let marks = left(&told!(&Gateway("timed out")), true);
        assert!(knows(&marks, &told!(&Gateway("timed out"))));
        assert!(knows(&marks, &told!(&Payment(Gateway("timed out")))));
        assert!(!knows(&marks, &told!(&Payment(Gateway("refused")))), "it has a source, and another one");
        assert!(!knows(&marks, &told!(&Gateway("refused"))), "the same type with another text");
    }

    #[test]
    fn a_conversion_that_drops_the_source_is_known_right_after_a_captured_error() {
        let told = "unavailable".to_owned();
        let mut marks = left(&told!(&Gateway("timed out")), true);
        assert!(knows(&marks, &told!(&told)));
        marks.inner_call_went_well();
        assert!(!knows(&marks, &told!(&told)), "another call has ended since");
        let ignored = left(&told!(&Gateway("timed out")), false);
        assert!(!knows(&ignored, &told!(&told)), "nothing was reported that could stand for it");
    }

    #[test]
    fn a_text_that_quotes_the_captured_one_is_the_same_error() {
        let marks = left(&told!(&"connection refused".to_owned()), true);
        assert!(knows(&marks, &told!(&"charging: connection refused".to_owned())));
        assert!(!knows(&marks, &told!(&"charging: connection reset".to_owned())));
        let short = left(&told!(&"no".to_owned()), true);
        assert!(!knows(&short, &told!(&"not at all".to_owned())));
    }

    #[test]
    fn after_the_outermost_call_it_is_known_for_a_while() {
        let told = told!(&Gateway("timed out"));
        let mut marks = Marks::default();
        let since = Instant::now().checked_sub(AFTERWARDS);
        marks.note(Mark { seen: Seen::of(&told.heard()), event: None, captured: true, since });
        assert!(!knows(&marks, &told));
        marks.note(Mark { seen: Seen::of(&told.heard()), event: None, captured: true, since: Some(Instant::now()) });
        assert!(knows(&marks, &told));
    }

    #[test]
    fn what_a_hand_built_span_knows_goes_on() {
        let told = told!(&Gateway("timed out"));
        let mut outer = Marks::default();
        outer.hold();
        outer.absorb(left(&told, true));
        assert!(knows(&outer, &told) && outer.is_holding());
    }

    #[test]
    fn the_oldest_marks_go_first() {
        let mut marks = Marks::default();
        let numbers: Vec<String> = (0..=KEPT).map(|number| number.to_string()).collect();
        for number in &numbers {
            marks.note(Mark { seen: Seen::of(&told!(number).heard()), event: None, captured: true, since: None });
        }
        assert!(!knows(&marks, &told!(&numbers[0])) && knows(&marks, &told!(&numbers[1])));
    }

    #[test]
    fn marks_are_one_pointer() {
        assert_eq!(size_of::<Marks>(), size_of::<usize>());
    }
}
