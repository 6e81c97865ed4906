//! What an annotated function is.

mod block;
mod body;
mod error_type;
mod item;
mod kind;
mod output;
mod rebind;

pub(crate) use block::{ImplBlock, Member, Owner};
pub(crate) use body::{Body, Words};
pub(crate) use error_type::error_is_generic;
pub(crate) use item::{FnItem, cfgs_apart};
pub(crate) use kind::{Kind, Outcome, future_output, names_future, ungrouped};
pub(crate) use output::{erased, erased_type, hides};
pub(crate) use rebind::{Arguments, Needs};
