//! How an error becomes an event: its name and chain, the annotated stack, the context, once.

pub mod classify;
mod crumbs;
pub(crate) mod face;
pub(crate) mod identity;
mod machine;
pub(crate) mod name;
pub(crate) mod once;
pub(crate) mod rules;
mod stack;
mod storm;
pub(crate) mod told;
pub(crate) mod values;
