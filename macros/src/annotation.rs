//! Everything that the attributes on one function ask for.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Attribute, Ident, Meta};

use crate::args::{self, Arguments, CaptureArgs, Field, Keyed, MonitorArgs, TaskArgs};
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::function::{FnItem, Kind, Outcome};

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
#[derive(Clone, Default)]
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
        [Self::Monitor, Self::Capture, Self::Task].into_iter().find(|which| name == which.name())
    }

    /// The attribute's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Monitor => MonitorArgs::ATTRIBUTE,
            Self::Capture => CaptureArgs::ATTRIBUTE,
            Self::Task => TaskArgs::ATTRIBUTE,
        }
    }
}

impl Annotation {
    /// Adds an attribute by its arguments.
    pub(crate) fn add(&mut self, which: Which, at: Span, args: TokenStream, errors: &mut Errors) {
        match which {
            Which::Monitor => add(&mut self.monitor, at, args, errors),
            Which::Capture => add(&mut self.capture, at, args, errors),
            Which::Task => add(&mut self.task, at, args, errors),
        }
    }

    /// Takes our attributes out of a list: whichever is expanded first speaks for all, so that one wrapper results.
    pub(crate) fn collect(&mut self, attrs: &mut Vec<Attribute>, errors: &mut Errors) {
        attrs.retain(|attr| {
            let Some(which) = Which::of(attr) else { return true };
            self.taken.push(attr.path().to_token_stream());
            let at = attr.path().segments.last().map_or_else(Span::call_site, |segment| segment.ident.span());
            match &attr.meta {
                Meta::Path(_) => self.add(which, at, TokenStream::new(), errors),
                Meta::List(list) => self.add(which, at, list.tokens.clone(), errors),
                Meta::NameValue(pair) => {
                    errors.push(pair.eq_token, format!("write `{name}` or `{name}(..)`", name = which.name()));
                }
            }
            false
        });
    }

    /// `crate = ::path`
    pub(crate) fn crate_path(&self) -> Option<&CratePath> {
        let paths = [
            self.monitor.as_ref().and_then(|args| args.krate.as_ref()),
            self.capture.as_ref().and_then(|args| args.krate.as_ref()),
            self.task.as_ref().and_then(|args| args.krate.as_ref()),
        ];
        paths.into_iter().flatten().next().map(|keyed| &keyed.value)
    }

    /// `future` or `future = false`
    pub(crate) fn future(&self) -> Option<&Keyed<bool>> {
        let flags = [
            self.monitor.as_ref().and_then(|args| args.future.as_ref()),
            self.capture.as_ref().and_then(|args| args.future.as_ref()),
            self.task.as_ref().and_then(|args| args.future.as_ref()),
        ];
        flags.into_iter().flatten().next()
    }

    /// `use path as _;` for the attributes that were taken out, or nothing.
    pub(crate) fn uses(&self) -> TokenStream {
        let at = Span::call_site();
        let uses = self.taken.iter().map(|path| {
            let place = |mut token: TokenTree| {
                // As if this macro had written it: nobody is told that it is not used.
                token.set_span(at.located_at(token.span()));
                token
            };
            let path: TokenStream = path.clone().into_iter().map(place).collect();
            quote_spanned!(at=> use #path as _;)
        });
        uses.collect()
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
            Some(own) => Some(block.monitor.as_ref().map_or_else(|| own.clone(), |block| own.clone().within(block))),
            None => block.monitor.as_ref().map(|block| MonitorArgs::default().within(block)),
        };
        let kind = Kind::of(&item.sig, self.future().map(|future| future.value));
        self.capture = match self.capture {
            Some(own) if own.skip.is_some() => None,
            Some(own) => Some(block.capture.as_ref().map_or_else(|| own.clone(), |block| own.clone().within(block))),
            None => (block.capture.as_ref().filter(|_| Outcome::of(&item.sig, kind).says_result()))
                .map(|block| CaptureArgs::default().within(block)),
        };
        self
    }

    /// The fields of all attributes; those that stand in several of them once.
    pub(crate) fn fields(&self) -> Vec<&Field> {
        let lists = [
            self.task.as_ref().and_then(|args| args.fields.as_ref()),
            self.monitor.as_ref().and_then(|args| args.fields.as_ref()),
            self.capture.as_ref().and_then(|args| args.fields.as_ref()),
        ];
        merged(lists)
    }

    /// The tags of all attributes.
    pub(crate) fn tags(&self) -> Vec<&Field> {
        let lists = [
            self.task.as_ref().and_then(|args| args.tags.as_ref()),
            self.capture.as_ref().and_then(|args| args.tags.as_ref()),
        ];
        merged(lists)
    }
}

fn merged<'a>(lists: impl IntoIterator<Item = Option<&'a Keyed<Vec<Field>>>>) -> Vec<&'a Field> {
    let mut all: Vec<&Field> = Vec::new();
    for field in lists.into_iter().flatten().flat_map(|list| &list.value) {
        if !all.iter().any(|known| known.key.value() == field.key.value()) {
            all.push(field);
        }
    }
    all
}

fn add<A: Arguments>(slot: &mut Option<A>, at: Span, tokens: TokenStream, errors: &mut Errors) {
    if slot.is_some() {
        errors.push(Ident::new(A::ATTRIBUTE, at), format!("`{}` is on this function twice; keep one", A::ATTRIBUTE));
        return;
    }
    *slot = Some(args::parse(tokens, errors));
}
