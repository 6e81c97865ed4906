//! How an error becomes an event: its name and chain, the annotated stack, the context, once.

mod chain;
pub mod classify;
mod crumbs;
pub(crate) mod face;
mod gather;
pub(crate) mod held;
mod here;
mod identity;
mod name;
mod observe;
pub(crate) mod once;
mod report;
mod reporter;
pub(crate) mod rules;
mod stack;
mod storm;
mod symbols;
pub(crate) mod told;
pub(crate) mod values;

pub(crate) use reporter::Reporter;
