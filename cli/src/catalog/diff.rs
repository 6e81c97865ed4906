//! What a change of the program changes in what is seen of it.

use serde::Serialize;
use serde_json::Value;

use super::{Catalog, Function, Type};

/// From one catalogue to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// What is new, as a person names it.
    pub added: Vec<String>,
    /// What is gone.
    pub removed: Vec<String>,
    /// What is still there and different.
    pub changed: Vec<Change>,
}

/// One word of one annotation that is different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The function or the type.
    pub of: String,
    /// The word.
    pub word: String,
    /// What it was.
    pub from: Value,
    /// What it is.
    pub to: Value,
}

impl Diff {
    /// What has changed from `old` to `new`. That something moved to another line is no change.
    pub fn between(old: &Catalog, new: &Catalog) -> Self {
        let mut diff = Self::default();
        diff.compare(&entries(old), &entries(new));
        diff
    }

    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    fn compare(&mut self, old: &[(String, Value)], new: &[(String, Value)]) {
        for (of, before) in old {
            match new.iter().find(|(known, _)| known == of) {
                None => self.removed.push(of.clone()),
                Some((_, after)) => self.words(of, "", before, after),
            }
        }
        let added = new.iter().filter(|(of, _)| !old.iter().any(|(known, _)| known == of));
        self.added.extend(added.map(|(of, _)| of.clone()));
    }

    fn words(&mut self, of: &str, word: &str, before: &Value, after: &Value) {
        if before == after {
            return;
        }
        if let (Value::Object(before), Value::Object(after)) = (before, after) {
            for (key, value) in before {
                let word = if word.is_empty() { key.clone() } else { format!("{word}.{key}") };
                self.words(of, &word, value, after.get(key).unwrap_or(&Value::Null));
            }
            return;
        }
        self.changed.push(Change { of: of.to_owned(), word: word.to_owned(), from: before.clone(), to: after.clone() });
    }
}

/// Every annotation by its own name, without its place. What stands twice under one name is numbered.
fn entries(catalog: &Catalog) -> Vec<(String, Value)> {
    let functions = catalog.functions.iter().map(|function| {
        let words = Function { file: String::new(), line: 0, ..function.clone() };
        (format!("function {}", function.path()), serde_json::to_value(words).unwrap_or_default())
    });
    let types = catalog.types.iter().map(|described| {
        let words = Type { file: String::new(), line: 0, ..described.clone() };
        let kind = format!("{:?}", described.derive).to_lowercase();
        let name = format!("{kind} {}::{}", described.module, described.type_name);
        (name, serde_json::to_value(words).unwrap_or_default())
    });
    let mut entries: Vec<(String, Value)> = Vec::new();
    for (name, value) in functions.chain(types) {
        let known = entries.iter().filter(|(known, _)| known.split(" #").next() == Some(&name)).count();
        entries.push((if known == 0 { name } else { format!("{name} #{}", known + 1) }, value));
    }
    entries
}
