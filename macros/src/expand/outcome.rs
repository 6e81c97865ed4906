//! How a call's outcome is told.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Ident, ReturnType};

use super::Call;
use crate::function::{Kind, Outcome, error_is_generic};

impl Call<'_> {
    /// `let __future = future;`, with what is to be known of it. What the future comes to is `output`, where that can be named: it
    /// goes through one function less then, which would be compiled for it alone.
    pub(super) fn future(&self, future: &TokenStream, output: Option<&TokenStream>) -> TokenStream {
        let at = Span::mixed_site();
        let private = &self.private;
        if self.is_plain() {
            return quote_spanned!(at=> let __future = #future;);
        }
        let asked = if self.is_result() || self.late().is_some() { TokenStream::new() } else { self.asked() };
        match output {
            Some(output) => {
                let at_type = self.return_type_span();
                let private = private.at(at_type);
                let returned = quote_spanned!(at_type=> #private::Returned::<#output>::named());
                quote_spanned!(at=> let __future = #future; let __returned = #returned; #asked)
            }
            None => quote_spanned!(at=> let (__future, __returned) = #private::returned_by(#future); #asked),
        }
    }

    /// What looks at the outcome of that future at its end: an expression.
    ///
    /// It is of a type that the outcome's has alone, not of the function's own, as far as nothing of the function's is in it: so it
    /// is compiled once for many.
    pub(super) fn observer(&self) -> TokenStream {
        let at = Span::mixed_site();
        let private = &self.private;
        if self.is_plain() {
            quote_spanned!(at=> #private::Done)
        } else if self.late().is_some() {
            let observe = self.told(&quote_spanned!(at=> __out), "observed", "settled");
            quote_spanned!(at=> #private::observed_by(&__returned, move |__call, __out| { #observe }))
        } else if self.is_result() {
            let face = self.face(&quote_spanned!(at=> faces_of(&__returned)));
            quote_spanned!(at=> #private::observer(&__returned, #face))
        } else {
            let face = self.face(&quote_spanned!(at=> faces_by(&__way, &__returned)));
            quote_spanned!(at=> #private::settler(&__returned, __way, #face))
        }
    }

    /// Ends `__call` by what it returned, `__out`: statements, and the value.
    pub(super) fn observe(&self) -> TokenStream {
        self.told(&quote_spanned!(Span::mixed_site()=> &__out), "observe", "settle")
    }

    /// The same by these verbs; `lent` is a reference to what was returned.
    fn told(&self, lent: &TokenStream, observe: &str, settle: &str) -> TokenStream {
        let at = Span::mixed_site();
        let private = &self.private;
        let late = self.late();
        let verb = |verb: &str| {
            let with = if late.is_some() { "_with" } else { "" };
            let verb = Ident::new(&format!("{verb}{with}"), at);
            quote_spanned!(at=> #private::#verb)
        };
        let late = late.map(|late| quote_spanned!(at=> , #late));
        if self.is_result() {
            let (face, observe) = (self.face(&quote_spanned!(at=> faces(#lent))), verb(observe));
            return quote_spanned!(at=> let __face = #face; #observe(__call, __out, __face #late));
        }
        let (asked, settle) = (self.asked(), verb(settle));
        let face = self.face(&quote_spanned!(at=> faces_by(&__way, &__returned)));
        quote_spanned! {at=>
            let __returned = #private::returned(#lent);
            #asked
            let __face = #face;
            #settle(__way, __call, __out, __face #late)
        }
    }

    /// The place of the return type, for what concerns it.
    pub(super) fn return_type_span(&self) -> Span {
        match &self.item.sig.output {
            ReturnType::Type(_, ty) => Span::mixed_site().located_at(syn::spanned::Spanned::span(ty)),
            ReturnType::Default => Span::mixed_site(),
        }
    }

    /// Whether nothing is to be told of the outcome.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.outcome, Outcome::Plain | Outcome::Never)
    }

    /// Whether it is a `Result`, or has to be one.
    fn is_result(&self) -> bool {
        self.outcome == Outcome::Result || self.annotation.capture.is_some() && self.outcome == Outcome::Named
    }

    /// How the outcome of a type is told that does not say so by its name: statements.
    fn asked(&self) -> TokenStream {
        let at = Span::mixed_site();
        let private = &self.private;
        let at_type = self.return_type_span();
        let at_type_private = private.at(at_type);
        // Where futures are watched at their end, or were said not to be, a future is an ordinary value.
        let at_the_call = (self.kind == Kind::Sync && self.annotation.future().is_none())
            .then(|| quote_spanned!(at_type=> #at_type_private::at_the_call(&__way);));
        let has_outcome = (self.annotation.capture.is_some())
            .then(|| quote_spanned!(at_type=> #at_type_private::has_outcome(&__way, &__returned);));
        quote_spanned! {at=>
            let __way = #private::ask(&__returned).watchpost_way();
            #at_the_call
            #has_outcome
        }
    }

    /// The function that tells of the error, chosen among these faces.
    fn face(&self, faces: &TokenStream) -> TokenStream {
        // Where an error hides what it is made of, the compiler may find that it cannot have the face it chose: that is about the type.
        let at = self.return_type_span();
        let private = self.private.at(at);
        let of_generic = error_is_generic(&self.item.sig, self.owner).then(|| quote_spanned!(at=> .of_generic()));
        quote_spanned!(at=> #private::#faces #of_generic.watchpost_face())
    }
}
