//! `#[watchpost::main(configure = .., on_config_error = "..")]`

use std::rc::Rc;

use syn::parse::ParseStream;
use syn::{Expr, Ident, LitStr};

use super::value::{choice, expression};
use super::{Arguments, Grammar, Keyed};
use crate::crate_path::CratePath;
use crate::errors::Errors;

/// The arguments of `#[watchpost::main]`.
#[derive(Default)]
pub(crate) struct MainArgs {
    pub(crate) configure: Option<Keyed<Expr>>,
    pub(crate) on_config_error: Option<Keyed<OnConfigError>>,
    pub(crate) krate: Option<Keyed<CratePath>>,
}

/// What happens where the configuration is wrong.
#[derive(Clone, Copy)]
pub(crate) enum OnConfigError {
    /// The program does not begin.
    Exit,
    /// It runs without monitoring.
    Continue,
}

/// Its words.
pub(crate) static GRAMMAR: Grammar = Grammar { attribute: "main", words: &["configure", "on_config_error", "crate"] };

impl Arguments for MainArgs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    fn name(&mut self) -> Option<&mut Option<Rc<LitStr>>> {
        None
    }

    fn word(&mut self, key: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        match key.to_string().as_str() {
            "configure" => expression(&mut self.configure, key, input, errors),
            "on_config_error" => {
                let words = [("exit", OnConfigError::Exit), ("continue", OnConfigError::Continue)];
                choice(&mut self.on_config_error, key, &words, "continue", input, errors)
            }
            _ => expression(&mut self.krate, key, input, errors),
        }
    }
}
