//! Everything that the attributes on one function ask for.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Attribute, Ident, Meta};

use crate::args::{self, CaptureArgs, Field, Keyed, MonitorArgs, TaskArgs, listed};
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::function::{FnItem, Kind, Outcome};
use crate::tokens::placed;

/// One of the attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// `#[monitor_performance]`
    Monitor,
    /// `#[capture_errors]`
    Capture,
    /// `#[monitored_task]`
    Task,
}

/// The attributes on one function, one of each kind at most.
#[derive(Default)]
pub(crate) struct Annotation {
    /// The paths of attributes that were taken out of the item, and would seem to be imported for nothing.
    taken: Vec<TokenStream>,
    pub(crate) monitor: Option<MonitorArgs>,
    pub(crate) capture: Option<CaptureArgs>,
    pub(crate) task: Option<TaskArgs>,
}

impl Which {
    /// The attribute that a path ends in.
    pub(crate) fn of(attr: &Attribute) -> Option<Self> {
        let name = &attr.path().segments.last()?.ident;
        [Self::Monitor, Self::Capture, Self::Task].iter().find(|which| name == which.name()).copied()
    }

    /// The attribute's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Monitor => args::monitor::GRAMMAR.attribute,
            Self::Capture => args::capture::GRAMMAR.attribute,
            Self::Task => args::task::GRAMMAR.attribute,
        }
    }
}

impl Annotation {
    /// Adds an attribute by its arguments.
    pub(crate) fn add(&mut self, which: Which, at: Span, args: TokenStream, errors: &mut Errors) {
        match which {
            _ if self.has(which) => {
                let name = which.name();
                errors.push(Ident::new(name, at), format!("`{name}` is on this function twice; keep one"));
            }
            Which::Monitor => self.monitor = Some(args::parse(args, errors)),
            Which::Capture => self.capture = Some(args::parse(args, errors)),
            Which::Task => self.task = Some(args::parse(args, errors)),
        }
    }

    fn has(&self, which: Which) -> bool {
        match which {
            Which::Monitor => self.monitor.is_some(),
            Which::Capture => self.capture.is_some(),
            Which::Task => self.task.is_some(),
        }
    }

    /// Takes our attributes out of a list: whichever is expanded first speaks for all, so that one wrapper results.
    pub(crate) fn collect(&mut self, attrs: &mut Vec<Attribute>, errors: &mut Errors) {
        for attr in std::mem::take(attrs) {
            let Some(which) = Which::of(&attr) else {
                attrs.push(attr);
                continue;
            };
            self.taken.push(attr.path().to_token_stream());
            let at = attr.path().segments.last().map_or_else(Span::call_site, |segment| segment.ident.span());
            match attr.meta {
                Meta::Path(_) => self.add(which, at, TokenStream::new(), errors),
                Meta::List(list) => self.add(which, at, list.tokens, errors),
                Meta::NameValue(pair) => {
                    errors.push(pair.eq_token, format!("write `{name}` or `{name}(..)`", name = which.name()));
                }
            }
        }
    }

    /// `crate = ::path`
    pub(crate) fn crate_path(&self) -> Option<&Keyed<CratePath>> {
        let of_monitor = self.monitor.as_ref().and_then(|args| args.krate.as_ref());
        let of_capture = self.capture.as_ref().and_then(|args| args.krate.as_ref());
        let of_task = self.task.as_ref().and_then(|args| args.krate.as_ref());
        of_monitor.or(of_capture).or(of_task)
    }

    /// `future` or `future = false`
    pub(crate) fn future(&self) -> Option<&Keyed<bool>> {
        let of_monitor = self.monitor.as_ref().and_then(|args| args.future.as_ref());
        let of_capture = self.capture.as_ref().and_then(|args| args.future.as_ref());
        let of_task = self.task.as_ref().and_then(|args| args.future.as_ref());
        of_monitor.or(of_capture).or(of_task)
    }

    /// `use path as _;` for the attributes that were taken out, or nothing.
    pub(crate) fn uses(&self) -> TokenStream {
        let at = Span::call_site();
        let mut uses = TokenStream::new();
        for path in &self.taken {
            // As if this macro had written it: nobody is told that it is not used.
            let path = placed(path.clone(), &|own| at.located_at(own));
            uses.extend(quote_spanned!(at=> use #path as _;));
        }
        uses
    }

    /// Whether nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.monitor.is_none() && self.capture.is_none() && self.task.is_none()
    }

    /// What a function in an annotated block is asked for: what it says itself wins, `skip` leaves it out, and errors are
    /// captured where its return type is a `Result` by its name.
    pub(crate) fn within(mut self, block: &Self, item: &FnItem) -> Self {
        self.taken.clear();
        self.monitor = match self.monitor {
            Some(own) if own.skip.is_some() => None,
            own => match &block.monitor {
                Some(block) => Some(own.unwrap_or_default().within(block)),
                None => own,
            },
        };
        let kind = Kind::of(&item.sig, self.future().map(|future| future.value));
        self.capture = match self.capture {
            Some(own) if own.skip.is_some() => None,
            Some(own) => Some(match &block.capture {
                Some(block) => own.within(block),
                None => own,
            }),
            None => match &block.capture {
                Some(block) if Outcome::of(&item.sig, kind).says_result() => Some(CaptureArgs::default().within(block)),
                _ => None,
            },
        };
        self
    }

    /// The fields of all attributes; those that stand in several of them once.
    pub(crate) fn fields(&self) -> Vec<&Field> {
        let mut all = Vec::new();
        if let Some(args) = &self.task {
            merge(&mut all, &args.fields);
        }
        if let Some(args) = &self.monitor {
            merge(&mut all, &args.fields);
        }
        if let Some(args) = &self.capture {
            merge(&mut all, &args.fields);
        }
        all
    }

    /// The tags of all attributes.
    pub(crate) fn tags(&self) -> Vec<&Field> {
        let mut all = Vec::new();
        if let Some(args) = &self.task {
            merge(&mut all, &args.tags);
        }
        if let Some(args) = &self.capture {
            merge(&mut all, &args.tags);
        }
        all
    }
}

fn merge<'a>(all: &mut Vec<&'a Field>, list: &'a Option<Keyed<Vec<Field>>>) {
    for field in listed(list) {
        if !all.iter().any(|known| known.key.value() == field.key.value()) {
            all.push(field);
        }
    }
}
