//! What must not be sent.

use watchpost::{Level, capture_errors, capture_message};

use super::Part;
use crate::test::expect::{absent, count};

/// The transaction that the configuration leaves out.
pub(in crate::test) const IGNORED: &str = "watchpost_test_unwanted*";

/// An error that a rule of the configuration leaves out.
#[derive(Debug)]
struct Unwanted;

impl std::fmt::Display for Unwanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("watchpost test: left out by a rule")
    }
}

impl std::error::Error for Unwanted {}

#[derive(Debug)]
enum Declined {
    ByTheBank,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("watchpost test: left out by its attribute")
    }
}

impl std::error::Error for Declined {}

pub(super) fn part() -> Part {
    #[capture_errors(category = "payment", ignore = Declined::ByTheBank)]
    fn pay() -> Result<(), Declined> {
        Err(Declined::ByTheBank)
    }
    fn run() {
        drop(pay());
        watchpost::capture_error(&Unwanted).send();
        watchpost::transaction("test", "watchpost_test_unwanted_health_check").run(|| ());
        capture_message("watchpost test: this one is wanted", Level::Info);
    }
    Part {
        run,
        expected: vec![
            count("what is wanted arrives", "event", 1),
            absent("what the attribute and the rule leave out does not", &["left out by"]),
            count("nor does the ignored transaction", "transaction", 0),
        ],
        look_for: "`watchpost test: this one is wanted`, and nothing that was left out",
    }
}
