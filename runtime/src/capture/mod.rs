//! How an error becomes an event: its name and chain, the annotated stack, the context, once.

mod chain;
pub mod classify;
mod crumbs;
pub(crate) mod face;
pub(crate) mod gather;
pub(crate) mod held;
mod here;
mod identity;
mod logged;
mod manual;
mod name;
mod notice;
pub(crate) mod observe;
pub(crate) mod once;
mod pace;
#[cfg(feature = "panic")]
mod panics;
mod report;
mod reporter;
pub(crate) mod rules;
mod stack;
mod storm;
mod symbols;
pub(crate) mod told;
pub(crate) mod values;

pub use logged::{LoggedReport, capture_logged};
pub use manual::{ErrorReport, Reportable, already_reported, capture_error, capture_message, reported_inside};
pub(crate) use notice::NOTICE;
pub use notice::{capture_notice, is_notice};
pub(crate) use observe::leave_slow;
pub use pace::Pace;
#[cfg(feature = "panic")]
pub(crate) use panics::install as report_panics;
pub(crate) use reporter::{Reporter, is_of_storm, kept_back, tell_of_storms};
