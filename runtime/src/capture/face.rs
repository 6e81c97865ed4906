//! The richest face of an error type that the compiler can see at the call site.
//!
//! The macros write `faces(&out).watchpost_face()`: a function that tells of the error, chosen by the type alone before there is an error,
//! so that it is compiled once for a type and not once for a function. Each level wraps the next and dereferences to it, and each
//! has an inherent `watchpost_face` with the bounds of its face: method resolution tries the levels from the richest to the poorest, in
//! the bounds that are in scope at the user's function. So any type will do, generic parameters included, and no trait has
//! to be imported where the macro's call stands.
//!
//! The name is one that nobody else's method has: a trait of the user's that every type has would be found on the first level, before
//! the next one is looked at.
//!
//! No level asks for `'static`: method resolution does not look at lifetimes, it would pick such a level for an error that
//! borrows, and the user's function would no longer compile.

use std::any::type_name;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::ops::Deref;

use super::classify::Classify;
use super::told::{Shown, Told};

/// Tells of an error.
pub type Face<E> = for<'a> fn(&'a E) -> Told<'a>;

macro_rules! levels {
    ($($(#[$doc:meta])* $level:ident => $next:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $level<E>($next<E>);
        impl<E> $level<E> {
            const ALL: Self = Self($next::ALL);
        }
        impl<E> Deref for $level<E> {
            type Target = $next<E>;
            #[inline]
            fn deref(&self) -> &$next<E> {
                &self.0
            }
        }
    )* };
}

levels! {
    /// Types that have more to tell than their traits do.
    Known => ClassifiedError,
    /// `Classify + Error`.
    ClassifiedError => PlainError,
    /// `Error`.
    PlainError => Erased,
    /// What points to a `dyn Error`: boxes, `anyhow::Error`, `eyre::Report`.
    Erased => ClassifiedText,
    /// `Classify + Display + Debug`.
    ClassifiedText => Text,
    /// `Display + Debug`.
    Text => ClassifiedDebug,
    /// `Classify + Debug`.
    ClassifiedDebug => OnlyDebug,
    /// `Debug`.
    OnlyDebug => OnlyDisplay,
    /// `Display`.
    OnlyDisplay => OnlyClassified,
    /// `Classify`.
    OnlyClassified => Opaque,
}

/// Nothing is known but the type's name.
#[derive(Debug)]
pub struct Opaque<E>(PhantomData<fn(&E)>);

macro_rules! faces {
    ($($level:ident: [$($bounds:tt)*] |$err:ident| $shown:expr $(, $classify:expr)?;)*) => { $(
        impl<E: $($bounds)*> $level<E> {
            /// The face.
            #[inline]
            pub fn watchpost_face(&self) -> Face<E> {
                fn tell<E: $($bounds)*>($err: &E) -> Told<'_> {
                    let told = Told::new(type_name::<E>(), size_of::<E>(), $shown);
                    $(let told = told.classified($classify);)?
                    told
                }
                tell
            }
        }
    )* };
}

faces! {
    ClassifiedError: [Classify + Error] |err| Shown::Error(err), err;
    PlainError: [Error] |err| Shown::Error(err);
    Erased: [Deref<Target: DynError>] |err| Shown::Erased((**err).as_dyn());
    ClassifiedText: [Classify + Display + Debug] |err| Shown::Text(err, err), err;
    Text: [Display + Debug] |err| Shown::Text(err, err);
    ClassifiedDebug: [Classify + Debug] |err| Shown::Debug(err), err;
    OnlyDebug: [Debug] |err| Shown::Debug(err);
    OnlyDisplay: [Display] |err| Shown::Display(err);
    OnlyClassified: [Classify] |err| Shown::Opaque, err;
}

impl<E> Opaque<E> {
    const ALL: Self = Self(PhantomData);

    /// The face.
    #[inline]
    pub fn watchpost_face(&self) -> Face<E> {
        |_| Told::new(type_name::<E>(), size_of::<E>(), Shown::Opaque)
    }
}

impl<E> Known<E> {
    /// Every face that a type may have.
    #[inline]
    pub(crate) fn faces() -> Self {
        Self::ALL
    }

    /// Those below that of an error. An error type with a type parameter or a borrow in it may be an error only
    /// where that outlives everything (`impl<T: Any> Error for Full<T>`): the compiler looks for methods without a
    /// look at lifetimes, finds that face, and then cannot have it. The macros ask this way for such types.
    #[inline]
    pub fn of_generic(&self) -> &ClassifiedText<E> {
        self
    }
}

#[cfg(feature = "anyhow")]
impl Known<anyhow::Error> {
    /// The face, with the backtrace that the error took when it was made.
    #[inline]
    pub fn watchpost_face(&self) -> Face<anyhow::Error> {
        |err| {
            Told::new(type_name::<anyhow::Error>(), size_of::<anyhow::Error>(), Shown::ErasedStatic(err.as_ref()))
                .with_backtrace(err.backtrace())
        }
    }
}

#[cfg(feature = "eyre")]
impl Known<eyre::Report> {
    /// The face, with the report in whose text a stack may be.
    #[inline]
    pub fn watchpost_face(&self) -> Face<eyre::Report> {
        |err| {
            Told::new(type_name::<eyre::Report>(), size_of::<eyre::Report>(), Shown::ErasedStatic(err.as_ref()))
                .with_report(err)
        }
    }
}

/// A `dyn Error`, with whatever markers and lifetime.
pub trait DynError {
    /// The error without the markers.
    fn as_dyn(&self) -> &(dyn Error + '_);
}

macro_rules! dyn_errors {
    ($($t:ty),*) => { $(impl DynError for $t {
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn as_dyn(&self) -> &(dyn Error + '_) {
            self
        }
    })* };
}
dyn_errors!(dyn Error + '_, dyn Error + Send + '_, dyn Error + Sync + '_, dyn Error + Send + Sync + '_);

/// What a value tells of itself.
#[cfg(test)]
macro_rules! told {
    // No block: its end would drop what is lent to it.
    ($err:expr) => {
        match $err {
            err => $crate::capture::face::known(err).watchpost_face()(err),
        }
    };
}
#[cfg(test)]
pub(super) use told;

#[cfg(test)]
pub(super) fn known<E>(_: &E) -> Known<E> {
    Known::faces()
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;
    use crate::Policy;

    fn kind(told: &Told<'_>) -> (&'static str, bool) {
        let shown = match told.shown {
            Shown::Error(_) => "error",
            Shown::Erased(_) => "erased",
            Shown::ErasedStatic(_) => "erased static",
            Shown::Text(..) => "text",
            Shown::Debug(_) => "debug",
            Shown::Display(_) => "display",
            Shown::Opaque => "opaque",
        };
        (shown, told.policy().is_some())
    }

    struct Neither;
    #[derive(Debug)]
    struct OnlyDebug;
    struct OnlyDisplay;
    impl Display for OnlyDisplay {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("shown")
        }
    }
    #[derive(Debug)]
    struct Borrows<'a>(&'a str);
    impl Display for Borrows<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }
    impl Error for Borrows<'_> {}
    impl Classify for Borrows<'_> {
        fn classify(&self) -> Policy {
            Policy::default()
        }
    }
    struct Classified;
    impl Classify for Classified {
        fn classify(&self) -> Policy {
            Policy::default()
        }
    }

    #[test]
    fn the_richest_face_that_the_type_has() {
        let text = String::from("borrowed");
        let borrowed: Box<dyn Error + '_> = Box::new(Borrows(&text));
        let sent: Box<dyn Error + Send + Sync> = "sent".into();
        assert_eq!(kind(&told!(&std::io::Error::other("x"))), ("error", false));
        assert_eq!(kind(&told!(&fmt::Error)), ("error", false));
        assert_eq!(kind(&told!(&Borrows(&text))), ("error", true));
        assert_eq!(kind(&told!(&borrowed)), ("erased", false));
        assert_eq!(kind(&told!(&sent)), ("erased", false));
        assert_eq!(kind(&told!(&text)), ("text", false));
        assert_eq!(kind(&told!(&OnlyDebug)), ("debug", false));
        assert_eq!(kind(&told!(&OnlyDisplay)), ("display", false));
        assert_eq!(kind(&told!(&Neither)), ("opaque", false));
        assert_eq!(kind(&told!(&Classified)), ("opaque", true));
        assert_eq!(kind(&told!(&())), ("debug", false));
        #[cfg(feature = "anyhow")]
        assert_eq!(kind(&told!(&anyhow::anyhow!("x"))), ("erased static", false));
        #[cfg(feature = "eyre")]
        assert_eq!(kind(&told!(&eyre::eyre!("x"))), ("erased static", false));
    }

    #[test]
    fn the_face_of_a_generic_error_is_what_its_bounds_say() {
        fn none<E>(err: &E) -> (&'static str, bool) {
            kind(&told!(err))
        }
        fn debug<E: Debug>(err: &E) -> (&'static str, bool) {
            kind(&told!(err))
        }
        fn error<E: Error + Classify>(err: &E) -> (&'static str, bool) {
            kind(&told!(err))
        }
        assert_eq!(none(&fmt::Error), ("opaque", false));
        assert_eq!(debug(&fmt::Error), ("debug", false));
        assert_eq!(error(&Borrows("x")), ("error", true));
    }

    #[test]
    fn a_pointer_to_a_classified_error_is_classified() {
        assert_eq!(kind(&told!(&Box::new(Borrows("x")))), ("error", true));
        assert_eq!(kind(&told!(&std::sync::Arc::new(Borrows("x")))), ("error", true));
    }
}
