//! `#[monitor_performance("name", op = "..", slow = "..", fields(..), metric, root, scope)]`

use std::time::Duration;

use syn::parse::ParseStream;
use syn::{Ident, LitStr};

use super::field::{Field, fields};
use super::value::{expression, flag, switch, text, time};
use super::{Arguments, Keyed};
use crate::crate_path::CratePath;
use crate::errors::Errors;

/// The arguments of `#[monitor_performance]`.
#[derive(Default)]
pub(crate) struct MonitorArgs {
    pub(crate) name: Option<LitStr>,
    pub(crate) op: Option<Keyed<LitStr>>,
    pub(crate) slow: Option<Keyed<Duration>>,
    pub(crate) fields: Option<Keyed<Vec<Field>>>,
    pub(crate) metric: Option<Keyed<()>>,
    pub(crate) root: Option<Keyed<()>>,
    pub(crate) scope: Option<Keyed<()>>,
    pub(crate) skip: Option<Keyed<()>>,
    pub(crate) future: Option<Keyed<bool>>,
    pub(crate) krate: Option<Keyed<CratePath>>,
}

impl Arguments for MonitorArgs {
    const ATTRIBUTE: &'static str = "monitor_performance";
    const WORDS: &'static [&'static str] =
        &["op", "slow", "fields", "metric", "root", "scope", "skip", "future", "crate"];

    fn name(&mut self) -> Option<&mut Option<LitStr>> {
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
