//! An error and what caused it, as exceptions.

use std::any::type_name;
use std::error::Error;
use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};

use sentry_core::protocol::{Exception, Mechanism};

use super::identity::LONGEST_CHAIN;
use super::name::{self, Name, Start};
use super::told::{Heard, Shown};
use crate::CallSite;
use crate::context::text;

/// The mechanism of everything that is captured here.
pub(super) const MECHANISM: &str = "watchpost";
/// What a source is called whose type nothing tells.
const UNKNOWN: &str = "dyn core::error::Error";

/// An error and its sources, the outermost first: named, and not yet asked for their texts.
pub(super) struct Chain<'a> {
    told: &'a Heard<'a>,
    links: Vec<Link<'a>>,
}

struct Link<'a> {
    name: Name,
    said: &'a (dyn Display + 'a),
}

impl<'a> Chain<'a> {
    /// Names every error of the chain. It runs the user's `source` and `Debug`.
    pub(super) fn of(told: &'a Heard<'a>, variant: Option<&'static str>) -> Self {
        let mut links = Vec::with_capacity(2);
        links.push(Link { name: name_of(told, variant), said: told });
        // What is inside an `anyhow::Error` was mostly put there by it.
        let unknown = if told.is_erased() { told.type_name } else { UNKNOWN };
        let mut source = told.error().and_then(Error::source);
        while let Some(err) = source.filter(|_| links.len() < LONGEST_CHAIN) {
            links.push(Link { name: name_of_dyn(err, unknown), said: err });
            source = err.source();
        }
        Self { told, links }
    }

    /// What the error is called.
    pub(super) fn title(&self) -> String {
        self.links.first().map(|link| link.name.ty()).unwrap_or_default()
    }

    /// What tells kinds of errors apart, as the storm guard counts them: the fingerprint that was given; else the types and
    /// the place; where there is no place, the text but for its numbers.
    pub(super) fn kind(&self, fingerprint: Option<&[String]>, place: Option<&'static CallSite>) -> u64 {
        let mut hasher = DefaultHasher::new();
        if let Some(parts) = fingerprint {
            parts.hash(&mut hasher);
            return hasher.finish();
        }
        for link in &self.links {
            link.name.hash(&mut hasher);
        }
        match place {
            Some(site) => std::ptr::from_ref(site).hash(&mut hasher),
            None => self
                .links
                .first()
                .map(|link| text(format_args!("{}", link.said)).replace(|c: char| c.is_ascii_digit(), ""))
                .hash(&mut hasher),
        }
        hasher.finish()
    }

    /// Whether some error of the chain is as `is` says, by its name and, if it asks, its text.
    pub(super) fn any(&self, mut is: impl FnMut(&Name, &dyn Fn() -> String) -> bool) -> bool {
        self.links.iter().any(|link| is(&link.name, &|| text(format_args!("{}", link.said))))
    }

    /// The exceptions, the oldest first. It runs the user's `Display`.
    pub(super) fn exceptions(&self) -> Vec<Exception> {
        let exception = |(at, link): (usize, &Link<'_>)| Exception {
            ty: link.name.ty(),
            module: link.name.module.map(str::to_owned),
            // What the outermost says was written to tell whether it has been seen before.
            value: Some(if at == 0 { self.told.text().to_owned() } else { text(format_args!("{}", link.said)) }),
            mechanism: Some(Mechanism {
                ty: if at == 0 { MECHANISM } else { "chained" }.to_owned(),
                handled: Some(true),
                ..Mechanism::default()
            }),
            ..Exception::default()
        };
        self.links.iter().enumerate().rev().map(exception).collect()
    }
}

fn name_of(told: &Heard<'_>, variant: Option<&'static str>) -> Name {
    match told.shown {
        Shown::ErasedStatic(err) => name_of_dyn(err, told.type_name),
        Shown::Erased(err) => name::of_shape(name::shape(&Start::of(&err)), told.type_name),
        // The derive knows it: nothing has to be written to find out.
        _ if variant.is_some() => name::of_type(told.type_name, variant),
        _ => name::of_type_by_shape(told.type_name, told.start().and_then(name::shape)),
    }
}

/// The name of an error behind a `dyn`: of one that everybody uses by asking which it is, of others by their shape.
fn name_of_dyn(err: &(dyn Error + 'static), unknown: &'static str) -> Name {
    macro_rules! one_of {
        ($($t:ty),* $(,)?) => { $(
            if err.is::<$t>() {
                return name::of_type(type_name::<$t>(), None);
            }
        )* };
    }
    if let Some(io) = err.downcast_ref::<std::io::Error>() {
        return name::of_type_by_shape(type_name::<std::io::Error>(), name::shape(&Start::of(io)));
    }
    one_of![
        serde_json::Error,
        std::fmt::Error,
        std::num::ParseIntError,
        std::num::ParseFloatError,
        std::num::TryFromIntError,
        std::str::ParseBoolError,
        std::str::Utf8Error,
        std::string::FromUtf8Error,
        std::char::ParseCharError,
        std::net::AddrParseError,
        std::time::SystemTimeError,
        std::env::VarError,
        std::array::TryFromSliceError,
        std::sync::mpsc::RecvError,
        std::sync::mpsc::RecvTimeoutError,
        std::collections::TryReserveError,
    ];
    name::of_shape(name::shape(&Start::of(&err)), unknown)
}
