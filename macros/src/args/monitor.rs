//! `#[monitor_performance("name", op = "..", slow = "..", fields(..), metric, root, scope)]`

use std::rc::Rc;
use std::time::Duration;

use syn::parse::ParseStream;
use syn::{Ident, LitStr};

use super::field::{Field, fields, joined};
use super::value::{expression, flag, switch, text, time};
use super::{Arguments, Grammar, Keyed, inherit};
use crate::crate_path::CratePath;
use crate::errors::Errors;

/// The arguments of `#[monitor_performance]`.
#[derive(Default)]
pub(crate) struct MonitorArgs {
    pub(crate) name: Option<Rc<LitStr>>,
    pub(crate) op: Option<Keyed<Rc<LitStr>>>,
    pub(crate) slow: Option<Keyed<Duration>>,
    pub(crate) fields: Option<Keyed<Vec<Field>>>,
    pub(crate) metric: Option<Keyed<()>>,
    pub(crate) root: Option<Keyed<()>>,
    pub(crate) scope: Option<Keyed<()>>,
    pub(crate) skip: Option<Keyed<()>>,
    pub(crate) future: Option<Keyed<bool>>,
    pub(crate) krate: Option<Keyed<CratePath>>,
}

/// Its words.
pub(crate) static GRAMMAR: Grammar = Grammar {
    attribute: "monitor_performance",
    words: &["op", "slow", "fields", "metric", "root", "scope", "skip", "future", "crate"],
};

impl Arguments for MonitorArgs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    fn name(&mut self) -> Option<&mut Option<Rc<LitStr>>> {
        Some(&mut self.name)
    }

    fn word(&mut self, key: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        match key.to_string().as_str() {
            "op" => text(&mut self.op, key, input, errors),
            "slow" => time(&mut self.slow, key, input, errors),
            "fields" => fields(&mut self.fields, key, input, errors),
            "metric" => flag(&mut self.metric, key, input, errors),
            "root" => flag(&mut self.root, key, input, errors),
            "scope" => flag(&mut self.scope, key, input, errors),
            "skip" => flag(&mut self.skip, key, input, errors),
            "future" => switch(&mut self.future, key, input, errors),
            _ => expression(&mut self.krate, key, input, errors),
        }
    }
}

impl MonitorArgs {
    /// These arguments on a function in a block that has those: the function's own win.
    pub(crate) fn within(mut self, block: &Self) -> Self {
        inherit(&mut self.op, &block.op);
        inherit(&mut self.slow, &block.slow);
        self.fields = joined(&self.fields, &block.fields);
        inherit(&mut self.metric, &block.metric);
        inherit(&mut self.root, &block.root);
        inherit(&mut self.scope, &block.scope);
        inherit(&mut self.krate, &block.krate);
        self
    }

    /// Whether anything is said besides `skip`.
    pub(crate) fn says_more_than_skip(&self) -> bool {
        let Self { name, op, slow, fields, metric, root, scope, skip: _, future, krate: _ } = self;
        name.is_some()
            || op.is_some()
            || slow.is_some()
            || fields.is_some()
            || metric.is_some()
            || root.is_some()
            || scope.is_some()
            || future.is_some()
    }
}
