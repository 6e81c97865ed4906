//! `#[derive(SentryContext)]`.

mod check;
mod expand;
mod model;

use proc_macro2::TokenStream;

use super::run;

/// `struct PaymentContext { .. }` to `impl SentryContext for PaymentContext { .. }`.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    run(
        input,
        |item, errors| {
            let model = model::read(item, errors)?;
            check::check(&model, errors);
            Some(expand::expand(item, &model))
        },
        expand::dummy,
    )
}
