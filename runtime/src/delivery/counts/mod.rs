//! What was accepted, delivered and lost, by kind of item and by reason.

mod counters;
mod kind;
mod report;
mod tally;

pub(super) use counters::Counters;
pub use kind::{DropReason, Kind};
pub use report::{FlushReport, Stats};
pub use tally::Tally;
pub(super) use tally::Verdict;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_is_the_sum_of_everything_else() {
        let counters = Counters::default();
        let mut tally = Tally::default();
        tally.add(Kind::Event, 3);
        tally.add(Kind::Log, 7);
        counters.accept(&tally);
        let mut verdict = Verdict::default();
        verdict.delivered.add(Kind::Event, 1);
        verdict.drop(DropReason::Hook, Kind::Event, 1);
        verdict.drop(DropReason::RateLimited, Kind::Log, 2);
        counters.settle(&verdict);
        let stats = counters.stats();
        assert_eq!((stats.pending.get(Kind::Event), stats.pending.get(Kind::Log)), (1, 5));
        let report = FlushReport::from(&stats);
        assert_eq!(report.to_string(), "delivered 1, pending 6, dropped 3 (hook 1, rate_limited 2)");
        assert_eq!(
            serde_json::to_value(&stats).unwrap()["dropped"],
            serde_json::json!({"hook": {"event": 1}, "rate_limited": {"log": 2}})
        );
    }
}
