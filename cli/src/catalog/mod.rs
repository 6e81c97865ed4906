//! What of a program is annotated: read from its sources, or told by the program itself.
//!
//! The two agree where the sources hold no annotation that only some configuration compiles, and none that a macro writes.
//!
//! ```no_run
//! use watchpost_cli::catalog::Catalog;
//!
//! let catalog = Catalog::of_source(".".as_ref())?;
//! for function in &catalog.functions {
//!     println!("{} ({}) at {}:{}", function.name, function.op, function.file, function.line);
//! }
//! # Ok::<(), watchpost_cli::catalog::Unreadable>(())
//! ```

mod binary;
mod diff;
mod finding;
mod render;
mod source;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::diff::{Change, Diff};
pub use self::finding::Finding;
pub use self::render::Format;
pub(crate) use self::render::duration;

/// Everything that is annotated, by file and line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// The version of this form, 1.
    #[serde(rename = "watchpost_catalog")]
    pub version: u32,
    /// The annotated functions.
    pub functions: Vec<Function>,
    /// The types with a derive.
    pub types: Vec<Type>,
}

/// One annotated function.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// The span's name.
    pub name: String,
    /// The function, `Type::function` where an attribute on the `impl` block knows the type.
    pub function: String,
    /// The module path.
    pub module: String,
    /// The file, from the root of the workspace.
    pub file: String,
    /// The line of the function's name.
    pub line: u32,
    /// What is asked for, of `span`, `errors`, `task`, `root`, `scope`, `metric`.
    pub kinds: Vec<String>,
    /// The span's operation.
    pub op: String,
    /// The error category that the attribute names.
    pub category: Option<String>,
    /// The level of its errors.
    pub level: Option<String>,
    /// Past how many milliseconds a call is slow.
    pub slow_ms: Option<u64>,
    /// What only a task has.
    pub task: Option<Task>,
    /// Whether a `cfg` stands on it, so that another may be compiled in its place.
    #[serde(skip)]
    pub(crate) is_conditional: bool,
}

/// What only a task has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The queue that it is taken from.
    pub queue: Option<String>,
    /// Which failures are reported: `last_attempt` or `every_attempt`.
    pub report: String,
    /// Its monitor, if it runs on a schedule.
    pub cron: Option<Cron>,
}

/// A cron monitor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cron {
    /// The monitor's slug.
    pub slug: String,
    /// Five fields.
    pub schedule: String,
    /// The time zone, if one is given.
    pub timezone: Option<String>,
    /// How late a run may start, in minutes.
    pub checkin_margin_minutes: Option<u64>,
    /// How long a run may take, in minutes.
    pub max_runtime_minutes: Option<u64>,
}

/// A type with one of the derives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Type {
    /// Which derive it is.
    pub derive: Derive,
    /// The context's name; of the others the type's.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The module path.
    pub module: String,
    /// The file, from the root of the workspace.
    pub file: String,
    /// The line of the type's name.
    pub line: u32,
    /// Of errors: the categories that it or its variants name, each once.
    pub categories: Vec<String>,
}

/// One of the derives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Derive {
    /// `#[derive(SentryContext)]`
    Context,
    /// `#[derive(SentryUser)]`
    User,
    /// `#[derive(Classify)]`
    Errors,
}

/// Why there is no catalogue.
#[derive(Debug)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl Catalog {
    /// Reads a catalogue that was written as JSON.
    ///
    /// # Errors
    /// The text is none.
    pub fn from_json(text: &str) -> Result<Self, Unreadable> {
        serde_json::from_str(text).map_err(|problem| Unreadable(format!("not a catalogue: {problem}")))
    }

    /// Every error category that an attribute or an error type names.
    pub fn categories(&self) -> BTreeSet<&str> {
        let functions = self.functions.iter().filter_map(Function::category_or_default);
        let types = self.types.iter().flat_map(|described| &described.categories).map(String::as_str);
        functions.chain(types).collect()
    }

    /// Every cron monitor, with the task that it watches.
    pub fn monitors(&self) -> impl Iterator<Item = (&Function, &Cron)> {
        self.functions.iter().filter_map(|function| Some((function, function.task.as_ref()?.cron.as_ref()?)))
    }

    fn sorted(mut self) -> Self {
        self.functions.sort_by(|a, b| (&a.file, a.line, &a.function).cmp(&(&b.file, b.line, &b.function)));
        self.types.sort_by(|a, b| (&a.file, a.line, a.derive).cmp(&(&b.file, b.line, b.derive)));
        self
    }
}

impl Function {
    /// Whether this is asked for.
    pub fn is(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| known == kind)
    }

    /// The category of its errors where the error says none: the attribute's, or a task's own.
    pub(crate) fn category_or_default(&self) -> Option<&str> {
        self.category.as_deref().or_else(|| self.task.as_ref().map(|_| "task"))
    }

    /// The path that tells it from others.
    pub fn path(&self) -> String {
        format!("{}::{}", self.module, self.function)
    }
}
