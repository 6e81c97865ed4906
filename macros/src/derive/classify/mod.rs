//! `#[derive(Classify)]`.

mod check;
mod expand;
mod model;

use proc_macro2::TokenStream;

use super::run;

/// `enum PaymentError { .. }` to `impl Classify for PaymentError { .. }`.
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
