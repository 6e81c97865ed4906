//! What `#[monitored_task]` says of itself, before it runs and at compile time.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, Ident};

use super::Call;
use super::values::{borrowed, located};
use crate::args::{Keyed, Report, TaskArgs};
use crate::tokens::first;

/// `TaskSite { .. }`
pub(super) fn task_site(call: &Call<'_>, args: &TaskArgs, name: &str) -> TokenStream {
    let at = Span::mixed_site();
    let private = &call.private;
    let some = |value: TokenStream| quote_spanned!(at=> ::core::option::Option::Some(#value));
    let or_none =
        |value: Option<TokenStream>| value.map_or_else(|| quote_spanned!(at=> ::core::option::Option::None), some);
    let queue = or_none(args.queue.as_ref().map(|queue| queue.value.to_token_stream()));
    let report = args.report.as_ref().map(|report| report.value);
    let report = match report {
        Some(Report::LastAttempt) => quote_spanned!(at=> LastAttempt),
        None if args.max_attempts.is_some() => quote_spanned!(at=> LastAttempt),
        Some(Report::EveryAttempt) | None => quote_spanned!(at=> EveryAttempt),
    };
    let cron = or_none(args.cron.as_ref().map(|cron| {
        let schedule = &cron.value;
        let slug = args.slug.as_ref().map_or_else(|| name.to_owned(), |slug| slug.value.value());
        let timezone = or_none(args.timezone.as_ref().map(|timezone| timezone.value.to_token_stream()));
        let minutes = |duration: &Option<Keyed<std::time::Duration>>| {
            or_none(duration.as_ref().map(|duration| (duration.value.as_secs() / 60).to_token_stream()))
        };
        let (checkin_margin, max_runtime) = (minutes(&args.checkin_margin), minutes(&args.max_runtime));
        quote_spanned! {at=>
            #private::CronSite {
                slug: #slug,
                schedule: #schedule,
                timezone: #timezone,
                checkin_margin: #checkin_margin,
                max_runtime: #max_runtime,
            }
        }
    }));
    quote_spanned!(at=> #private::TaskSite { queue: #queue, report: #private::Report::#report, cron: #cron })
}

impl Call<'_> {
    /// `enter(&SITE)` or `enter_task(&SITE, ..)`; `lend` gives an expression of the task the names it needs.
    pub(super) fn enter(&self, lend: &TokenStream) -> TokenStream {
        let private = &self.private;
        let at = Span::mixed_site();
        if self.annotation.task.is_none() {
            return quote_spanned!(at=> #private::enter(&__WATCHPOST_SITE));
        }
        let task = self.task(lend);
        quote_spanned!(at=> #private::enter_task(&__WATCHPOST_SITE, #task))
    }

    /// `task(&SITE, |__t| ..)`
    pub(super) fn task(&self, lend: &TokenStream) -> TokenStream {
        let private = &self.private;
        let at = Span::mixed_site();
        let mut says = TokenStream::new();
        for (method, by_value, value) in self.task_values() {
            let name = Ident::new(method, at);
            let name = located(quote_spanned!(at=> #name), &value);
            let value = match method {
                "enqueued_at" => {
                    let here = first(&value).map_or(at, |token| at.located_at(token.span()));
                    let (when, value) = (private.at(here), borrowed(&value));
                    quote_spanned!(here=> #when::when(#value).watchpost_time())
                }
                _ if by_value => value,
                _ => borrowed(&value),
            };
            says.extend(quote_spanned!(at=> __t.#name(#value);));
        }
        let task = if says.is_empty() {
            quote_spanned!(at=> #private::task(&__WATCHPOST_SITE, |_| {}))
        } else {
            quote_spanned!(at=> #private::task(&__WATCHPOST_SITE, |__t| { #says }))
        };
        if lend.is_empty() { task } else { quote_spanned!(at=> { #lend #task }) }
    }

    /// What is said of the task: the method, whether it takes a value or a reference, and the expression.
    pub(super) fn task_values(&self) -> Vec<(&'static str, bool, TokenStream)> {
        let mut values = Vec::new();
        let Some(args) = &self.annotation.task else { return values };
        let said: [(&'static str, bool, &Option<Keyed<Expr>>); 6] = [
            ("id", false, &args.id),
            ("attempt", true, &args.attempt),
            ("max_attempts", true, &args.max_attempts),
            ("enqueued_at", false, &args.enqueued_at),
            ("lost", true, &args.lost),
            ("trace", false, &args.trace),
        ];
        for (method, by_value, value) in said {
            if let Some(value) = value {
                values.push((method, by_value, value.value.to_token_stream()));
            }
        }
        values
    }
}
