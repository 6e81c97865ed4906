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

/// A job: its task's call site and name, and its id.
type Job = (usize, String, String);

/// Failed attempts by job.
#[derive(Debug, Default)]
pub(crate) struct History {
    jobs: HashMap<Job, Vec<Attempt>>,
    /// Jobs in the order in which they failed first.
    order: VecDeque<Job>,
}

impl History {
    /// Remembers an attempt after which there will be another.
    pub(super) fn add(&mut self, site: &'static CallSite, name: &str, id: &str, attempt: Attempt) {
        let key = key(site, name, id);
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

    /// The attempts before this one.
    pub(super) fn of(&self, site: &'static CallSite, name: &str, id: &str) -> Vec<Attempt> {
        self.jobs.get(&key(site, name, id)).cloned().unwrap_or_default()
    }

    /// The job has come to an end, one way or the other.
    pub(super) fn forget(&mut self, site: &'static CallSite, name: &str, id: &str) {
        self.jobs.remove(&key(site, name, id));
    }
}

fn key(site: &'static CallSite, name: &str, id: &str) -> Job {
    (std::ptr::from_ref(site) as usize, name.to_owned(), id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Kind;

    static SITE: CallSite = CallSite::new(Kind::TASK, "t", "t", "m", "f", 1);
    const NAME: &str = "t";

    fn attempt(number: u64) -> Attempt {
        Attempt { number, began: SystemTime::UNIX_EPOCH, took: Duration::ZERO, lost: 0, breadcrumbs: Vec::new() }
    }

    #[test]
    fn a_job_is_forgotten_when_it_ends() {
        let mut history = History::default();
        history.add(&SITE, NAME, "7", attempt(1));
        history.add(&SITE, NAME, "7", attempt(2));
        let numbers: Vec<u64> = history.of(&SITE, NAME, "7").iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers, [1, 2]);
        assert!(history.of(&SITE, "another", "7").is_empty());
        history.forget(&SITE, NAME, "7");
        assert!(history.of(&SITE, NAME, "7").is_empty());
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let mut history = History::default();
        for job in 0..5 * MOST_JOBS {
            history.add(&SITE, NAME, &job.to_string(), attempt(1));
            if job % 3 == 0 {
                history.forget(&SITE, NAME, &job.to_string());
            }
        }
        assert!(history.jobs.len() <= MOST_JOBS && history.order.len() <= 2 * MOST_JOBS);
        assert!(history.of(&SITE, NAME, "1").is_empty());
        assert_eq!(history.of(&SITE, NAME, &(5 * MOST_JOBS - 1).to_string()).len(), 1);
        for number in 1..100 {
            history.add(&SITE, NAME, "again", attempt(number));
        }
        assert_eq!(history.of(&SITE, NAME, "again").len(), MOST_ATTEMPTS);
    }
}
