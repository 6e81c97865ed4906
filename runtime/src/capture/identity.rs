//! Which error an error is, however it was wrapped on its way: its root cause.

use std::error::Error;
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;

use super::name::Start;
use super::told::Heard;

/// A chain longer than this is cut: a `source()` may lead in circles.
pub(crate) const LONGEST_CHAIN: usize = 32;

/// The root cause of an error, as far as it can be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Of the text for people, or of what takes its place.
    text: u64,
    /// Of the beginning of the text for developers, which tells the type where a `dyn` hides it.
    debug: Option<u64>,
    /// Where the root cause lies, if that is not inside the value that is handed from call to call.
    address: Option<usize>,
}

impl Identity {
    /// Of the error's root cause. It runs the user's `source`, `Display` and `Debug`.
    pub(super) fn of(told: &Heard<'_>) -> Self {
        let own_text =
            |address| Self { text: hash_of_text(told.text()), debug: told.start().map(hash_of_start), address };
        let Some(err) = told.error() else { return own_text(None) };
        // What lies inside the value moves with it; what it points to stays where it is.
        let own = if told.is_erased() { 0..0 } else { address(err)..address(err) + told.size.max(1) };
        match root_of(err) {
            Some(root) => Self::of_root(root, &own),
            None => own_text(place(err, &own)),
        }
    }

    /// As [`of`](Self::of), for an error of which nothing but this reference is known.
    pub(crate) fn of_dyn(err: &(dyn Error + '_)) -> Self {
        let own = address(err)..address(err) + size_of_val(err).max(1);
        match root_of(err) {
            Some(root) => Self::of_root(root, &own),
            None => Self::of_root(err, &own),
        }
    }

    fn of_root(root: &(dyn Error + '_), own: &Range<usize>) -> Self {
        Self {
            text: hash(format_args!("{root}")),
            debug: Some(hash_of_start(&Start::of(&root))),
            address: place(root, own),
        }
    }

    /// Whether both are the same error. `same_type`: nothing was converted in between, so an error that has a place of
    /// its own is still there.
    pub(crate) fn is(&self, other: &Self, same_type: bool) -> bool {
        let moved = match (self.address, other.address) {
            (Some(one), Some(two)) => same_type && one != two,
            _ => false,
        };
        let same_debug = self.debug.is_none() || other.debug.is_none() || self.debug == other.debug;
        self.text == other.text && same_debug && !moved
    }
}

/// What caused the error in the end, where something else did.
fn root_of<'a>(err: &'a (dyn Error + '_)) -> Option<&'a (dyn Error + 'static)> {
    let mut root = err.source()?;
    for _ in 1..LONGEST_CHAIN {
        let Some(source) = root.source() else { break };
        root = source;
    }
    Some(root)
}

/// Where the error lies, if it has a place of its own. What has no size has none.
fn place(err: &(dyn Error + '_), own: &Range<usize>) -> Option<usize> {
    let at = address(err);
    (size_of_val(err) > 0 && !own.contains(&at)).then_some(at)
}

fn address(err: &(dyn Error + '_)) -> usize {
    std::ptr::from_ref(err).cast::<()>().addr()
}

/// How much of a text is told apart.
const TEXT: usize = 4096;

fn hash_of_start(start: &Start) -> u64 {
    hash_of_text(start.text())
}

/// Of a text that is written already; the same as of one that is written for it.
fn hash_of_text(text: &str) -> u64 {
    let mut hashed = Hashed { hasher: DefaultHasher::new(), left: TEXT };
    let _ = hashed.write_str(text);
    hashed.hasher.finish()
}

fn hash(text: fmt::Arguments<'_>) -> u64 {
    let mut hashed = Hashed { hasher: DefaultHasher::new(), left: TEXT };
    // Cut short is an error, and wanted; one of the user's own leaves what came before it.
    let _ = hashed.write_fmt(text);
    hashed.hasher.finish()
}

struct Hashed {
    hasher: DefaultHasher,
    left: usize,
}

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let taken = text.len().min(self.left);
        self.hasher.write(&text.as_bytes()[..taken]);
        self.left -= taken;
        if taken == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::face::told;

    #[derive(Debug)]
    struct Root(&'static str);
    #[derive(Debug)]
    struct Other(&'static str);
    #[derive(Debug)]
    struct Wraps<E>(E);

    macro_rules! displays {
        ($($t:ty),*) => { $(
            impl fmt::Display for $t {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(self.0)
                }
            }
            impl Error for $t {}
        )* };
    }
    displays!(Root, Other);
    impl<E> fmt::Display for Wraps<E> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("wraps")
        }
    }
    impl<E: Error + 'static> Error for Wraps<E> {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }
    #[derive(Debug)]
    struct WrapsBox(Box<dyn Error>);
    impl fmt::Display for WrapsBox {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("wraps")
        }
    }
    impl Error for WrapsBox {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&*self.0)
        }
    }

    #[test]
    fn a_wrapped_error_is_the_same_one() {
        let root = Identity::of(&told!(&Root("boom")).heard());
        for wrapped in [
            Identity::of(&told!(&Wraps(Root("boom"))).heard()),
            Identity::of(&told!(&Wraps(Wraps(Root("boom")))).heard()),
            Identity::of(&told!(&(Box::new(Root("boom")) as Box<dyn Error>)).heard()),
            Identity::of(&told!(&WrapsBox(Box::new(Root("boom")))).heard()),
            Identity::of_dyn(&Wraps(Root("boom"))),
        ] {
            assert!(wrapped.is(&root, false));
        }
    }

    #[test]
    fn another_text_or_type_is_another_error() {
        let root = Identity::of(&told!(&Root("boom")).heard());
        assert!(!root.is(&Identity::of(&told!(&Root("bang")).heard()), false));
        assert!(!root.is(&Identity::of(&told!(&Other("boom")).heard()), false));
    }

    #[test]
    fn a_boxed_error_is_recognised_by_its_place_while_nothing_converts_it() {
        let (one, two): (Box<dyn Error>, Box<dyn Error>) = (Box::new(Root("boom")), Box::new(Root("boom")));
        let (first, second) = (Identity::of(&told!(&one).heard()), Identity::of(&told!(&two).heard()));
        assert!(!first.is(&second, true), "two boxes, both alive");
        assert!(first.is(&second, false), "a conversion may have put it into another box");
        let moved = one;
        assert!(first.is(&Identity::of(&told!(&moved).heard()), true));
        let wrapped = WrapsBox(moved);
        assert!(first.is(&Identity::of(&told!(&wrapped).heard()), true));
    }

    #[test]
    fn an_error_held_by_value_has_no_place() {
        let (one, two) = (Wraps(Root("boom")), Wraps(Root("boom")));
        assert!(Identity::of(&told!(&one).heard()).is(&Identity::of(&told!(&two).heard()), true));
    }

    #[test]
    fn a_chain_that_leads_in_circles_ends() {
        #[derive(Debug)]
        struct Circle;
        impl fmt::Display for Circle {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("round")
            }
        }
        impl Error for Circle {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&Circle)
            }
        }
        assert!(Identity::of_dyn(&Circle).is(&Identity::of(&told!(&Circle).heard()), true));
    }
}
