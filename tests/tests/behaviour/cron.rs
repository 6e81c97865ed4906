//! Scheduled runs: what each end makes of the check-in, and that the schedule and zone that are sent mean what a scheduler runs.

use std::time::Duration;

use chrono::{DateTime, Datelike, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use sentry_core::protocol::{MonitorCheckInStatus, MonitorConfig, MonitorSchedule};
use watchpost::monitored_task;
use watchpost::testing::{Captured, capture, capture_async};

#[monitored_task("nightly", cron = "0 3 * * *", timezone = "Europe/Berlin")]
fn nightly() {}

#[monitored_task("long", cron = "*/5 * * * *", max_runtime = "1m")]
async fn long() {
    std::future::pending::<()>().await;
}

#[monitored_task("breaks", cron = "0 * * * *")]
fn breaks() {
    panic!("out of cheese");
}

fn config(captured: &Captured) -> &MonitorConfig {
    captured.check_ins[0].monitor_config.as_ref().unwrap()
}

fn ends(captured: &Captured) -> Vec<MonitorCheckInStatus> {
    captured.check_ins.iter().map(|check_in| check_in.status).collect()
}

/// When the monitor expects the next run after `now`, by what was sent.
fn expected(config: &MonitorConfig, now: DateTime<Utc>) -> DateTime<Utc> {
    let MonitorSchedule::Crontab { value } = &config.schedule else { panic!("no crontab") };
    let zone: Tz = config.timezone.as_deref().unwrap_or("UTC").parse().unwrap();
    let schedule: Cron = value.parse().unwrap();
    schedule.find_next_occurrence(&now.with_timezone(&zone), false).unwrap().with_timezone(&Utc)
}

/// When a scheduler with a field for seconds runs it.
fn scheduled(six: &str, zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    let schedule = CronParser::builder().seconds(Seconds::Required).build().parse(six).unwrap();
    schedule.find_next_occurrence(&now.with_timezone(&zone), false).unwrap().with_timezone(&Utc)
}

fn utc(month: u32, day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, month, day, hour, 0, 0).unwrap()
}

#[test]
fn the_next_run_follows_the_zone_through_both_changes_of_the_clock() {
    let captured = capture(nightly);
    let config = config(&captured);
    // Three o'clock in Berlin: an hour ahead of UTC in winter, two in summer.
    assert_eq!(expected(config, utc(3, 27, 12)), utc(3, 28, 2));
    assert_eq!(expected(config, utc(3, 28, 12)), utc(3, 29, 1), "the night in which the clock is set forward");
    assert_eq!(expected(config, utc(10, 24, 12)), utc(10, 25, 2), "the night in which it is set back");
    assert_eq!(expected(config, utc(10, 25, 12)), utc(10, 26, 2));
}

#[test]
fn what_is_sent_means_what_a_scheduler_with_seconds_runs() {
    let captured = capture(nightly);
    let config = config(&captured);
    let mut now = utc(1, 1, 0);
    let mut runs = 0;
    while now.year() == 2026 {
        let next = expected(config, now);
        assert_eq!(next, scheduled("0 0 3 * * *", Tz::Europe__Berlin, now), "after {now}");
        now = next;
        runs += 1;
    }
    assert_eq!(runs, 366, "one a day, and the first of the year after");
    // The same time in another zone is another time: the attribute's zone must be the scheduler's.
    assert_ne!(expected(config, utc(7, 1, 0)), scheduled("0 0 3 * * *", Tz::UTC, utc(7, 1, 0)));
}

#[test]
fn a_panic_is_a_failed_run() {
    let captured = capture(|| {
        std::panic::catch_unwind(breaks).unwrap_err();
    });
    assert_eq!(ends(&captured), [MonitorCheckInStatus::InProgress, MonitorCheckInStatus::Error]);
}

#[tokio::test]
async fn a_run_that_is_stopped_for_taking_too_long_is_a_failed_run() {
    let captured = capture_async(async {
        let _ = tokio::time::timeout(Duration::from_millis(5), long()).await;
    })
    .await;
    assert_eq!(ends(&captured), [MonitorCheckInStatus::InProgress, MonitorCheckInStatus::Error]);
    assert_eq!(config(&captured).max_runtime, Some(1), "one that is not stopped is for Sentry to notice");
    assert!(captured.check_ins[1].duration.unwrap() >= 0.005);
}

#[test]
fn the_configuration_goes_out_with_every_beginning_and_no_end() {
    let captured = capture(|| {
        nightly();
        nightly();
    });
    let with: Vec<bool> = captured.check_ins.iter().map(|check_in| check_in.monitor_config.is_some()).collect();
    assert_eq!(with, [true, false, true, false], "whichever arrives first makes or changes the monitor");
    assert_ne!(captured.check_ins[0].check_in_id, captured.check_ins[2].check_in_id);
}
