//! The rows of the table: what must hold, and what is aimed at. All are ratios within one run; some allow a few nanoseconds more.
//!
//! Most compare whole calls. Where nothing is installed that says little: the function that is measured does next to nothing, and
//! by itself, with no attribute at all, it already takes more than the ratio to fastrace allows ("plain" beside "fastrace" in the list
//! of all times). No attribute can meet such a goal, so its row tells by how much it is missed, and a row beside it compares what
//! each attribute adds to the plain function.

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Goal {
    /// What is compared.
    pub what: &'static str,
    /// The state that it was measured in.
    pub state: &'static str,
    /// Ours, by the name of the sample.
    pub ours: &'static str,
    /// The other.
    pub peer: &'static str,
    /// A sample that is taken off both: what is compared is what each adds to it.
    pub over: Option<&'static str>,
    /// Nanoseconds that are allowed beside the ratio.
    pub plus: f64,
    /// The greatest ratio allowed.
    pub must: f64,
    /// The greatest ratio aimed at.
    pub aim: f64,
}

macro_rules! goals {
    ($($what:literal, $state:literal: $ours:literal $(- $plus:literal)? / $peer:literal $(over $over:literal)?
        <= $must:literal, $aim:literal;)*) => {
        /// All rows.
        pub const GOALS: &[Goal] = &[$(
            Goal {
                what: $what,
                state: $state,
                ours: $ours,
                peer: $peer,
                over: [$($over)?].first().copied(),
                plus: 0.0 $(+ $plus)?,
                must: $must,
                aim: $aim,
            },
        )*];
    };
}

goals! {
    "nothing installed, sync", "nothing installed": "ours" / "tracing" <= 1.5, 1.1;
    "nothing installed, sync", "nothing installed": "ours" / "fastrace" <= 0.4, 0.4;
    "nothing installed, sync, added", "nothing installed": "ours" / "fastrace" over "plain" <= 0.4, 0.2;
    "nothing installed, async", "nothing installed": "ours async" / "tracing async" <= 0.5, 0.2;
    "errors only, sync", "errors only": "ours" / "hand" <= 0.01, 0.002;
    "errors only, below another", "errors only": "ours below" / "hand" <= 0.01, 0.002;
    "errors only, async", "errors only": "ours async" / "hand async" <= 0.01, 0.004;
    "unsampled child", "unsampled": "ours" / "hand" <= 0.03, 0.005;
    "unsampled child", "unsampled": "ours" / "fastrace" <= 2.0, 0.5;
    "unsampled child, times kept (+15 ns)", "timings": "ours" - 15.0 / "hand" <= 0.03, 0.005;
    "unsampled root and 10 children", "unsampled": "ours 10" / "hand 10" <= 0.15, 0.1;
    "unsampled root alone", "unsampled": "ours root" / "hand root" <= 1.1, 0.85;
    "sampled root alone", "sampled": "ours root" / "hand root" <= 1.1, 0.85;
    "sampled child, sync", "sampled": "ours" / "hand" <= 0.08, 0.05;
    "sampled child, sync", "sampled": "ours" / "fastrace" <= 1.0, 0.7;
    "sampled child, sync", "sampled": "ours" / "tracing" <= 0.08, 0.05;
    "sampled child, async", "sampled": "ours async" / "hand async" <= 0.15, 0.1;
    "sampled child, async", "sampled": "ours async" / "fastrace async" <= 0.7, 0.7;
    "a span, root's end included", "completed": "ours span" / "hand span" <= 0.5, 0.2;
    "transaction of 100 spans, serialised", "serialised": "ours 100" / "hand 100" <= 0.7, 0.5;
    "error event without stack", "error without stack": "ours" / "hand" <= 1.0, 0.8;
    "error event with stack", "error with stack": "ours" / "hand" <= 0.3, 0.15;
    "two threads against one, sampled", "threads": "ours two" / "ours one" <= 1.2, 1.05;
}
