//! The expansions. Each shape has its file; the attributes say what goes into it.

mod awaited;
mod called;
#[cfg(test)]
mod expansions;
mod guarded;
mod outcome;
mod returned;
mod site;
mod task;
mod values;

use std::cell::OnceCell;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use self::values::Said;
use crate::annotation::Annotation;
use crate::crate_path::Private;
use crate::function::{Arguments, Body, FnItem, Kind, Outcome, Owner, erased_type, future_output};

/// One annotated function on its way to tokens.
pub(crate) struct Call<'a> {
    annotation: &'a Annotation,
    item: FnItem,
    body: Body,
    private: Private,
    kind: Kind,
    outcome: Outcome,
    /// The annotated `impl` block around it, if there is one.
    owner: Option<&'a Owner>,
    /// What is recorded at entry, put together once.
    eager: OnceCell<Said>,
    /// What is said on the error path alone.
    late: OnceCell<Option<Said>>,
}

/// Expands the attributes on a function that was checked.
pub(crate) fn expand(annotation: &Annotation, mut item: FnItem, owner: Option<&Owner>) -> TokenStream {
    let Some(body) = item.body.take() else { return item.as_written() };
    let kind = Kind::of(&item.sig, annotation.future().map(|future| future.value));
    let outcome = Outcome::of(&item.sig, kind);
    let mut call = Call {
        annotation,
        item,
        body,
        private: Private::of(annotation.crate_path()),
        kind,
        outcome,
        owner,
        eager: OnceCell::new(),
        late: OnceCell::new(),
    };
    if kind == Kind::Sync && call.is_guarded() {
        return guarded::expand(&call);
    }
    let arguments = Arguments::take(&mut call.item.sig);
    match kind {
        Kind::Sync => called::expand(&call, &arguments),
        Kind::Async => awaited::expand(&call, &arguments),
        Kind::Boxed | Kind::ImplFuture => returned::expand(&call, &arguments),
    }
}

impl Call<'_> {
    /// Whether nothing is to be told of the outcome, so that a guard is enough.
    fn is_guarded(&self) -> bool {
        self.is_plain() || self.item.attrs.iter().any(|attr| attr.path().is_ident("track_caller"))
    }

    /// The user's block, under a label that nothing jumps to: no lint minds its braces then, and what is expected of its
    /// value is known to the last expression in it, as in the function itself (an arm of a match would forget that).
    ///
    /// It goes last into a block of ours, of this crate's edition, with whose last expression temporaries end: before the
    /// arguments do, which are bound in that block. The label is the user's own token by its place, or else the user's
    /// block would be of our edition too.
    fn body(&self) -> TokenStream {
        let block = self.body.block();
        let mut name = "__body".to_owned();
        while self.body.mentions(&name) {
            // An attribute under another name has been here.
            name.push('_');
        }
        let label = syn::Lifetime { apostrophe: self.body.span(), ident: syn::Ident::new(&name, self.body.span()) };
        quote_spanned!(Span::mixed_site()=> #label: #block)
    }

    /// Statements of ours and the body, as what a closure or a future is made of. Its outer braces are in the user's place: what
    /// counts the lines that run (`-C instrument-coverage`) takes them for the place of all that stands inside, and counts
    /// nothing that comes from elsewhere.
    fn enclosed(&self, statements: &TokenStream) -> TokenStream {
        let body = self.body();
        self.body.wrap(quote_spanned!(Span::mixed_site()=> { #statements #body }))
    }

    /// What the returned future comes to, with `impl Trait` left to the compiler.
    fn output_of_future(&self) -> Option<TokenStream> {
        match &self.item.sig.output {
            syn::ReturnType::Type(_, ty) => future_output(ty).map(erased_type),
            syn::ReturnType::Default => None,
        }
    }

    /// A function's body around these statements.
    fn function(&self, statements: &TokenStream) -> TokenStream {
        let inner_attrs = self.body.inner_attrs();
        let uses = self.annotation.uses();
        let site = site::site(self);
        self.item.with(&self.body.wrap(quote_spanned!(Span::mixed_site()=> #inner_attrs #uses #site #statements)))
    }
}
