//! The static description of one annotated function.

use std::time::Duration;

use sentry_core::Level;

/// A task that takes longer is slow, where its attribute does not say otherwise.
const SLOW_TASK: Duration = Duration::from_secs(30);

/// One annotated function, as the macros describe it: a static that the runtime only ever reads.
///
/// Built by the macros with the constant constructor and its setters; programs meet it in `catalog()`, with the feature `catalog`.
#[derive(Debug)]
pub struct CallSite {
    name: &'static str,
    function: &'static str,
    module: &'static str,
    file: &'static str,
    line: u32,
    op: Option<&'static str>,
    kind: Kind,
    category: Option<&'static str>,
    level: Option<Level>,
    slow: Option<Duration>,
    task: Option<&'static TaskSite>,
}

/// What an annotation asks for: any combination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(u8);

impl Kind {
    /// `#[monitor_performance]`: a span.
    pub const SPAN: Self = Self(1);
    /// `#[capture_errors]`: error events.
    pub const ERRORS: Self = Self(1 << 1);
    /// `#[monitored_task]`: a task; its transaction is its own.
    pub const TASK: Self = Self(1 << 2);
    /// `root`: a transaction of its own even below a span.
    pub const ROOT: Self = Self(1 << 3);
    /// `scope`: foreign code inside sees this span as the current one.
    pub const SCOPE: Self = Self(1 << 4);
    /// `metric`: the duration is also a distribution metric.
    pub const METRIC: Self = Self(1 << 5);

    /// `slow`, of which the duration is told apart.
    const SLOW: Self = Self(1 << 6);
    /// What the engine has to look at more closely than at a plain call.
    pub(crate) const SPECIAL: Self = Self::TASK.and(Self::ROOT).and(Self::SCOPE).and(Self::METRIC).and(Self::SLOW);
    /// What is wanted is the duration of every call, recorded or not.
    pub(crate) const TIMED: Self = Self::METRIC.and(Self::SLOW);

    /// Whether everything in `other` is asked for here.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether anything in `other` is asked for here.
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The part of a [`CallSite`] that only `#[monitored_task]` has.
#[derive(Debug, Clone, Copy)]
pub struct TaskSite {
    /// The queue that the task is taken from, if it is taken from one.
    pub queue: Option<&'static str>,
    /// When failures become events.
    pub report: Report,
    /// The monitor, for tasks that run on a schedule.
    pub cron: Option<CronSite>,
}

/// A schedule as `#[monitored_task(cron = "..")]` states it, checked at compile time.
#[derive(Debug, Clone, Copy)]
pub struct CronSite {
    /// The monitor's slug, at most 50 of `[a-z0-9_-]`.
    pub slug: &'static str,
    /// Five fields.
    pub schedule: &'static str,
    /// A name of the IANA time zone list; UTC where none is given.
    pub timezone: Option<&'static str>,
    /// How late a run may start, in whole minutes.
    pub checkin_margin: Option<u64>,
    /// How long a run may take, in whole minutes.
    pub max_runtime: Option<u64>,
}

/// Which failures of a task are reported as error events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Only a failure of the last attempt, or one that must not be retried.
    LastAttempt,
    /// Each.
    EveryAttempt,
}

impl CallSite {
    /// A function with nothing asked of it yet; `op` is `function`.
    pub const fn new(
        kind: Kind,
        name: &'static str,
        function: &'static str,
        module: &'static str,
        file: &'static str,
        line: u32,
    ) -> Self {
        Self { name, function, module, file, line, op: None, kind, category: None, level: None, slow: None, task: None }
    }

    /// Sets the span operation.
    #[must_use]
    pub const fn with_op(mut self, op: &'static str) -> Self {
        self.op = Some(op);
        self
    }

    /// Sets the error category.
    #[must_use]
    pub const fn with_category(mut self, category: &'static str) -> Self {
        self.category = Some(category);
        self
    }

    /// Sets the level of error events.
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Sets the duration past which a call is slow.
    #[must_use]
    pub const fn with_slow_millis(mut self, millis: u64) -> Self {
        self.slow = Some(Duration::from_millis(millis));
        self.kind = self.kind.and(Kind::SLOW);
        self
    }

    /// Adds what only a task has.
    #[must_use]
    pub const fn with_task(mut self, task: &'static TaskSite) -> Self {
        self.task = Some(task);
        // Every task is watched for its duration, by the default where nothing is said.
        self.kind = self.kind.and(Kind::SLOW);
        self
    }

    /// The span's name: the attribute's, or the function's.
    pub const fn name(&self) -> &'static str {
        self.name
    }
    /// The function as it is written, `Type::function` where an attribute on the `impl` block knows the type.
    pub const fn function(&self) -> &'static str {
        self.function
    }
    /// The module path.
    pub const fn module(&self) -> &'static str {
        self.module
    }
    /// The source file, as the compiler was given it.
    pub const fn file(&self) -> &'static str {
        self.file
    }
    /// The line of the function's name, from 1.
    pub const fn line(&self) -> u32 {
        self.line
    }
    /// The span operation: the attribute's; for tasks `queue.process`, or `task` without a queue; else `function`.
    pub const fn op(&self) -> &'static str {
        match (self.op, self.task) {
            (Some(op), _) => op,
            (None, Some(TaskSite { queue: Some(_), .. })) => "queue.process",
            (None, Some(_)) => "task",
            (None, None) => "function",
        }
    }
    /// What is asked for.
    pub const fn kind(&self) -> Kind {
        self.kind
    }
    /// The error category, if one is given.
    pub const fn category(&self) -> Option<&'static str> {
        self.category
    }
    /// The level of error events, if one is given.
    pub const fn level(&self) -> Option<Level> {
        self.level
    }
    /// The duration past which a call is slow: the attribute's, or for a task half a minute.
    pub const fn slow(&self) -> Option<Duration> {
        match (self.slow, self.task) {
            (None, Some(_)) => Some(SLOW_TASK),
            (given, _) => given,
        }
    }
    /// What only a task has.
    pub const fn task(&self) -> Option<&'static TaskSite> {
        self.task
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_slow_after_half_a_minute_where_nothing_is_said() {
        static TASK: TaskSite = TaskSite { queue: None, report: Report::LastAttempt, cron: None };
        let site = CallSite::new(Kind::TASK, "t", "t", "m", "f", 1);
        let (silent, said) = (site.with_task(&TASK), CallSite::new(Kind::TASK, "t", "t", "m", "f", 1));
        let said = said.with_slow_millis(1500).with_task(&TASK);
        assert_eq!(silent.slow(), Some(SLOW_TASK));
        assert_eq!(said.slow(), Some(Duration::from_millis(1500)));
        assert!(silent.kind().any(Kind::TIMED), "its duration is looked at");
    }
}
