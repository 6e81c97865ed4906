//! The attempts of jobs that this process has seen, so that the last one can tell of those before.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use sentry_core::Breadcrumb;

use crate::CallSite;

/// How many jobs are remembered at most; the oldest is forgotten first. A job that fails and never comes back stays until
/// then.
const MOST_JOBS: usize = 1000;
/// How many attempts of one job are remembered: the newest.
const MOST_ATTEMPTS: usize = 20;

/// One attempt that failed with another ahead.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(super) number: u64,
    pub(super) began: SystemTime,
    pub(super) took: Duration,
    /// How many attempts before it were known to be lost.
    pub(super) lost: u64,
    /// What would have been events.
    pub(super) breadcrumbs: Vec<Breadcrumb>,
}

/// A job: its task's call site and name, its queue, and its id there.
type Job = (usize, String, Option<String>, String);

/// What is known of a job when it is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) site: &'static CallSite,
    pub(super) name: &'a str,
    pub(super) queue: Option<&'a str>,
    pub(super) id: &'a str,
}

/// Failed attempts by job.
#[derive(Debug, Default)]
pub(crate) struct History {
    jobs: HashMap<Job, Vec<Attempt>>,
    /// Jobs in the order in which they failed first.
    order: VecDeque<Job>,
}

impl History {
    /// Remembers an attempt after which there will be another.
    pub(super) fn add(&mut self, job: Named<'_>, attempt: Attempt) {
        let key = key(job);
        if !self.jobs.contains_key(&key) {
            if self.jobs.len() >= MOST_JOBS {
                // Jobs that came to an end are in the order still, and not among the jobs.
                while let Some(oldest) = self.order.pop_front() {
                    if self.jobs.remove(&oldest).is_some() {
                        break;
                    }
                }
            }
            if self.order.len() >= 2 * MOST_JOBS {
                let jobs = &self.jobs;
                self.order.retain(|key| jobs.contains_key(key));
            }
            self.order.push_back(key.clone());
        }
        let attempts = self.jobs.entry(key).or_default();
        if attempts.len() >= MOST_ATTEMPTS {
            attempts.remove(0);
        }
        attempts.push(attempt);
    }

    /// The attempts before the one of this number. Where its number is not above theirs they are another job's, which had the same id
    /// and came to its end elsewhere: it is forgotten.
    pub(super) fn of(&mut self, job: Named<'_>, number: Option<u64>) -> Vec<Attempt> {
        let key = key(job);
        let Some(attempts) = self.jobs.get(&key) else { return Vec::new() };
        if number.is_some_and(|number| attempts.iter().any(|attempt| attempt.number >= number)) {
            self.jobs.remove(&key);
            return Vec::new();
        }
        attempts.clone()
    }

    /// The job has come to an end, one way or the other.
    pub(super) fn forget(&mut self, job: Named<'_>) {
        self.jobs.remove(&key(job));
    }
}

fn key(Named { site, name, queue, id }: Named<'_>) -> Job {
    (std::ptr::from_ref(site) as usize, name.to_owned(), queue.map(str::to_owned), id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Kind;

    static SITE: CallSite = CallSite::new(Kind::TASK, "t", "t", "m", "f", 1);

    fn job(name: &'static str, id: &'static str) -> Named<'static> {
        Named { site: &SITE, name, queue: None, id }
    }

    fn attempt(number: u64) -> Attempt {
        Attempt { number, began: SystemTime::UNIX_EPOCH, took: Duration::ZERO, lost: 0, breadcrumbs: Vec::new() }
    }

    #[test]
    fn a_job_is_forgotten_when_it_ends() {
        let mut history = History::default();
        history.add(job("t", "7"), attempt(1));
        history.add(job("t", "7"), attempt(2));
        let numbers: Vec<u64> = history.of(job("t", "7"), Some(3)).iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers, [1, 2]);
        assert!(history.of(job("another", "7"), None).is_empty());
        assert!(history.of(Named { queue: Some("q"), ..job("t", "7") }, None).is_empty());
        history.forget(job("t", "7"));
        assert!(history.of(job("t", "7"), None).is_empty());
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let mut history = History::default();
        for number in 0..5 * MOST_JOBS {
            let id = number.to_string();
            history.add(Named { id: &id, ..job("t", "") }, attempt(1));
            if number % 3 == 0 {
                history.forget(Named { id: &id, ..job("t", "") });
            }
        }
        assert!(history.jobs.len() <= MOST_JOBS && history.order.len() <= 2 * MOST_JOBS);
        assert!(history.of(job("t", "1"), None).is_empty());
        let last = (5 * MOST_JOBS - 1).to_string();
        assert_eq!(history.of(Named { id: &last, ..job("t", "") }, None).len(), 1);
        for number in 1..100 {
            history.add(job("t", "again"), attempt(number));
        }
        assert_eq!(history.of(job("t", "again"), None).len(), MOST_ATTEMPTS);
    }
}
