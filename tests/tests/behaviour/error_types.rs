//! What an event calls an error: one row a type.

use std::error::Error;
use std::fmt::{self, Debug, Display};

use sentry_core::protocol::Event;
use watchpost::capture_errors;
use watchpost::testing::capture;

#[derive(Debug)]
enum Own {
    Declined { code: u32 },
    Cancelled,
}
impl Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declined { code } => write!(f, "declined {code}"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}
impl Error for Own {}

#[derive(Debug)]
struct Lent<'a>(&'a str);
impl Display for Lent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}", self.0)
    }
}
impl Error for Lent<'_> {}

#[derive(Debug, thiserror::Error)]
enum Derived {
    #[error("order {id} failed")]
    Order {
        id: u32,
        #[source]
        cause: Own,
    },
    #[error(transparent)]
    Same(Own),
    #[error("reading")]
    Read(#[from] std::io::Error),
}

/// `Display` as `Debug`: nothing of either is a name.
struct Written(&'static str);
impl Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
impl Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
impl Error for Written {}

#[derive(Debug)]
#[expect(dead_code, reason = "read by Debug alone")]
struct OnlyDebug {
    code: u32,
}
struct OnlyDisplay;
impl Display for OnlyDisplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("for people")
    }
}
struct Neither;

#[capture_errors]
fn fails<E>(err: E) -> Result<(), E>
where
    E: Error,
{
    Err(err)
}
#[capture_errors]
fn fails_with_bounds<E: Debug + Display>(err: E) -> Result<(), E> {
    Err(err)
}
#[capture_errors]
fn fails_without_bounds<E>(err: E) -> Result<(), E> {
    Err(err)
}

/// Type, module and text of each exception, the oldest first.
type Told = Vec<(String, Option<String>, String)>;

fn told(event: &Event<'_>) -> Told {
    let exceptions = event.exception.iter();
    exceptions.map(|one| (one.ty.clone(), one.module.clone(), one.value.clone().unwrap_or_default())).collect()
}

fn sent(f: impl FnOnce()) -> Told {
    let sent = capture(f);
    assert_eq!(sent.events.len(), 1, "{:#?}", sent.events);
    told(&sent.events[0])
}

macro_rules! of {
    ($t:ty, $value:expr) => {{
        #[capture_errors(category = "row")]
        fn row() -> Result<(), $t> {
            Err($value)
        }
        sent(|| drop(row()))
    }};
}

const HERE: &str = "behaviour::error_types";

#[test]
fn every_type_has_its_name_its_module_and_its_text() {
    fn parse() -> std::num::ParseIntError {
        "x".parse::<u8>().unwrap_err()
    }
    type Row = (Told, &'static [(&'static str, &'static str, &'static str)]);
    let rows: Vec<Row> = vec![
        (of!(Own, Own::Declined { code: 4711 }), &[("Own::Declined", HERE, "declined 4711")]),
        (of!(Own, Own::Cancelled), &[("Own::Cancelled", HERE, "cancelled")]),
        (of!(Box<Own>, Box::new(Own::Cancelled)), &[("Own::Cancelled", HERE, "cancelled")]),
        (of!(std::sync::Arc<Own>, Own::Cancelled.into()), &[("Own::Cancelled", HERE, "cancelled")]),
        (of!(Lent<'static>, Lent("home")), &[("Lent", HERE, "at home")]),
        (
            of!(Derived, Derived::Order { id: 7, cause: Own::Declined { code: 1 } }),
            &[("Declined", "", "declined 1"), ("Derived::Order", HERE, "order 7 failed")],
        ),
        (of!(Derived, Derived::Same(Own::Cancelled)), &[("Derived::Same", HERE, "cancelled")]),
        (
            of!(Derived, std::io::Error::from(std::io::ErrorKind::NotFound).into()),
            &[("io::Error::NotFound", "std::io::error", "entity not found"), ("Derived::Read", HERE, "reading")],
        ),
        (of!(std::io::Error, std::io::Error::other("x")), &[("io::Error::Other", "std::io::error", "x")]),
        (
            of!(std::num::ParseIntError, parse()),
            &[("ParseIntError", "core::num::error", "invalid digit found in string")],
        ),
        (of!(fmt::Error, fmt::Error), &[("fmt::Error", "core::fmt", "an error occurred when formatting an argument")]),
        (
            of!(serde_json::Error, serde_json::from_str::<u8>("[").unwrap_err()),
            &[("serde_json::Error", "serde_json::error", "invalid type: sequence, expected u8 at line 1 column 0")],
        ),
        (of!(Written, Written("user 4711 failed")), &[("Written", HERE, "user 4711 failed")]),
        (of!(Written, Written("Alice: no such user")), &[("Written", HERE, "Alice: no such user")]),
        (of!(OnlyDebug, OnlyDebug { code: 3 }), &[("OnlyDebug", HERE, "OnlyDebug { code: 3 }")]),
        (of!(OnlyDisplay, OnlyDisplay), &[("OnlyDisplay", HERE, "for people")]),
        (of!(Neither, Neither), &[("Neither", HERE, "behaviour::error_types::Neither")]),
        (of!((), ()), &[("()", "", "()")]),
        (of!(String, "user 4711".into()), &[("String", "alloc::string", "user 4711")]),
        (of!(&'static str, "user 4711"), &[("str", "", "user 4711")]),
        // Behind a `dyn` the derived `Debug` tells, or the type is one that everybody knows; never a word of the message.
        (of!(Box<dyn Error>, "user 4711".into()), &[("Box<dyn Error>", "", "user 4711")]),
        (of!(Box<dyn Error + Send + Sync>, Own::Declined { code: 1 }.into()), &[("Declined", "", "declined 1")]),
        (of!(Box<dyn Error>, Written("Alice is gone").into()), &[("Box<dyn Error>", "", "Alice is gone")]),
        (of!(Box<dyn Error>, std::io::Error::other("x").into()), &[("io::Error::Other", "std::io::error", "x")]),
        (of!(anyhow::Error, anyhow::anyhow!("user {}", 17)), &[("anyhow::Error", "", "user 17")]),
        (of!(anyhow::Error, Own::Cancelled.into()), &[("Cancelled", "", "cancelled")]),
        (
            of!(anyhow::Error, anyhow::Error::new(parse()).context("row 3").context("file")),
            &[
                ("ParseIntError", "core::num::error", "invalid digit found in string"),
                ("anyhow::Error", "", "row 3"),
                ("anyhow::Error", "", "file"),
            ],
        ),
        (of!(eyre::Report, eyre::eyre!("user {}", 17)), &[("eyre::Report", "", "user 17")]),
        (
            of!(eyre::Report, eyre::Report::new(Own::Cancelled).wrap_err("checkout")),
            &[("Cancelled", "", "cancelled"), ("eyre::Report", "", "checkout")],
        ),
        (sent(|| drop(fails(Lent("x")))), &[("Lent", HERE, "at x")]),
        (
            sent(|| drop(fails(std::io::Error::from_raw_os_error(2)))),
            &[("io::Error::NotFound", "std::io::error", "No such file or directory (os error 2)")],
        ),
        (sent(|| drop(fails_with_bounds(Own::Cancelled))), &[("Own::Cancelled", HERE, "cancelled")]),
        (sent(|| drop(fails_without_bounds(Own::Cancelled))), &[("Own", HERE, "behaviour::error_types::Own")]),
    ];
    for (told, expected) in rows {
        let expected: Told = expected
            .iter()
            .map(|(ty, module, text)| {
                let module = (!module.is_empty()).then(|| (*module).to_owned());
                ((*ty).to_owned(), module, (*text).to_owned())
            })
            .collect();
        assert_eq!(told, expected);
    }
}

#[test]
fn an_error_that_borrows_is_passed_on_untouched() {
    #[capture_errors]
    fn find<'a>(text: &'a str) -> Result<(), Lent<'a>> {
        Err(Lent(text))
    }
    #[capture_errors]
    fn boxed<'a>(text: &'a str) -> Result<(), Box<dyn Error + 'a>> {
        Err(Box::new(Lent(text)))
    }
    let text = String::from("here");
    let captured = capture(|| {
        assert_eq!(find(&text).unwrap_err().0, "here");
        assert_eq!(boxed(&text).unwrap_err().to_string(), "at here");
    });
    let types: Vec<_> = captured.events.iter().map(|event| told(event).remove(0).0).collect();
    assert_eq!(types, ["Lent", "Lent"]);
}

#[test]
fn an_error_that_panics_when_asked_is_passed_on_and_harms_nothing() {
    #[derive(Debug)]
    struct Angry;
    impl Display for Angry {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("asked")
        }
    }
    impl Error for Angry {}
    #[capture_errors]
    fn angry() -> Result<(), Angry> {
        Err(Angry)
    }
    let sent = capture(|| assert!(angry().is_err()));
    assert!(sent.events.is_empty(), "{:?}", sent.events);
}
