//! How a call's outcome is told.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::ReturnType;

use super::Call;
use crate::function::{Kind, Outcome, error_is_generic};

impl Call<'_> {
    /// `|__call, __out| observe(__call, __out, ..)`, for a future to call at its end.
    pub(super) fn observer(&self) -> TokenStream {
        let at = Span::mixed_site();
        let observe = self.observe(&quote_spanned!(at=> __call), &quote_spanned!(at=> __out));
        quote_spanned!(at=> move |__call, __out| #observe)
    }

    /// The place of the return type, for what concerns it.
    pub(super) fn return_type_span(&self) -> Span {
        match &self.item.sig.output {
            ReturnType::Type(_, ty) => Span::mixed_site().located_at(syn::spanned::Spanned::span(ty)),
            ReturnType::Default => Span::mixed_site(),
        }
    }

    /// `observe(call, out, |__e| face(__e).tell())`, or what else fits the return type.
    pub(super) fn observe(&self, call: &TokenStream, out: &TokenStream) -> TokenStream {
        let at = Span::mixed_site();
        let private = &self.private;
        let at_type = self.return_type_span();
        let face = if error_is_generic(&self.item.sig) {
            quote_spanned!(at=> |__e| #private::face_of_generic(__e).tell())
        } else {
            quote_spanned!(at=> |__e| #private::face(__e).tell())
        };
        let capture = self.annotation.capture.is_some();
        let late = self.late();
        if matches!(self.outcome, Outcome::Plain | Outcome::Never) {
            return quote_spanned!(at=> #private::done(#call, #out));
        }
        if self.outcome == Outcome::Result || capture && self.outcome == Outcome::Named {
            return match late {
                None => quote_spanned!(at=> #private::observe(#call, #out, #face)),
                Some(late) => quote_spanned!(at=> #private::observe_with(#call, #out, #face, #late)),
            };
        }
        let at_type_private = private.at(at_type);
        // Where futures are watched at their end, or were said not to be, a future is an ordinary value.
        let at_the_call = (self.kind == Kind::Sync && self.annotation.future().is_none())
            .then(|| quote_spanned!(at_type=> #at_type_private::at_the_call(&__way);));
        let has_outcome = capture.then(|| quote_spanned!(at_type=> #at_type_private::has_outcome(&__way, &__out);));
        let settle = match late {
            None => quote_spanned!(at=> #private::settle(__way, __call, __out, #face)),
            Some(late) => quote_spanned!(at=> #private::settle_with(__way, __call, __out, #face, #late)),
        };
        quote_spanned! {at=>{
            let (__call, __out) = (#call, #out);
            let __way = #private::ask(&__out).way();
            #at_the_call
            #has_outcome
            #settle
        }}
    }
}
