//! What is recorded of a call.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Ident;

use super::Call;
use crate::args::{Field, How};
use crate::checks::is_secret;
use crate::function::{Needs, Words};

/// One thing to record: the tokens that record it, and those of the user's own in it.
struct Recorded {
    tokens: TokenStream,
    said: TokenStream,
}

/// Generated tokens, and the names in them.
pub(super) struct Said {
    tokens: TokenStream,
    words: Words,
}

impl Said {
    fn new(tokens: TokenStream) -> Self {
        Self { words: Words::of(tokens.clone()), tokens }
    }
}

impl Needs for Call<'_> {
    fn inside(&self, name: &str) -> bool {
        self.body.mentions(name) || self.eager().words.have(name)
    }

    fn before(&self, name: &str) -> bool {
        self.task_values().any(|(_, _, value)| Words::of(value).have(name))
    }

    fn outside(&self, name: &str) -> bool {
        self.said_late().is_some_and(|late| late.words.have(name)) && !self.inside(name)
    }
}

impl Call<'_> {
    /// `values(&SITE, |__v| ..);` for what is evaluated at entry, or nothing.
    pub(super) fn values(&self) -> TokenStream {
        let private = &self.private;
        let recorded = &self.eager().tokens;
        if recorded.is_empty() {
            return TokenStream::new();
        }
        quote_spanned!(Span::mixed_site()=> #private::values(&__WATCHPOST_SITE, |__v| { #recorded });)
    }

    /// The same at the call of a function that returns a future.
    pub(super) fn values_taken(&self) -> TokenStream {
        let recorded = &self.eager().tokens;
        if recorded.is_empty() {
            return TokenStream::new();
        }
        quote_spanned!(Span::mixed_site()=> __lent.take(&__WATCHPOST_SITE, |__v| { #recorded });)
    }

    /// What is said on the error path alone, or nothing.
    pub(super) fn late(&self) -> Option<&TokenStream> {
        self.said_late().map(|late| &late.tokens)
    }

    fn said_late(&self) -> Option<&Said> {
        self.late.get_or_init(|| self.make_late().map(Said::new)).as_ref()
    }

    fn make_late(&self) -> Option<TokenStream> {
        let at = Span::mixed_site();
        let private = &self.private;
        let capture = self.annotation.capture.as_ref()?;
        let values: TokenStream = self.recorded().filter(|(late, _)| *late).map(|(_, one)| one.tokens).collect();
        let err = self.err();
        let mut said = TokenStream::new();
        if let Some(pattern) = &capture.ignore {
            let pattern = &pattern.value.0;
            said.extend(quote_spanned!(at=> match #err { #pattern => __w.ignore(), _ => {} }));
        }
        if let Some(parts) = &capture.fingerprint {
            let parts = parts.value.0.iter().map(|part| borrowed(&part.to_token_stream()));
            said.extend(quote_spanned!(at=> __w.fingerprint(#private::texts(&[#(#parts),*]));));
        }
        if !values.is_empty() {
            said.extend(quote_spanned!(at=> let __v = __w.values(); #values));
        }
        if said.is_empty() {
            return None;
        }
        Some(quote_spanned!(at=> |#err, __w| { #said }))
    }

    fn eager(&self) -> &Said {
        self.eager
            .get_or_init(|| Said::new(self.recorded().filter(|(late, _)| !late).map(|(_, one)| one.tokens).collect()))
    }

    /// Everything that is recorded, and whether it waits for an error.
    fn recorded(&self) -> impl Iterator<Item = (bool, Recorded)> + '_ {
        let capture = self.annotation.capture.as_ref();
        let late = capture.is_some_and(|args| args.late.is_some());
        let own = capture.and_then(|args| args.fields.as_ref()).map_or(&[][..], |fields| &fields.value);
        let fields = self.annotation.fields().into_iter().map(move |field| {
            let own = own.iter().any(|own| std::ptr::eq(own, field));
            (late && own, own, self.field(field))
        });
        let own = capture.and_then(|args| args.tags.as_ref()).map_or(&[][..], |tags| &tags.value);
        let tags = self.annotation.tags().into_iter().map(move |tag| {
            let own = own.iter().any(|own| std::ptr::eq(own, tag));
            (late && own, own, self.tag(tag))
        });
        let args = capture.and_then(|args| args.args.as_ref()).into_iter().flat_map(|args| &args.value);
        let args = args.map(move |arg| (late, true, self.arg(arg)));
        let contexts = capture.and_then(|args| args.context.as_ref()).into_iter();
        let contexts = contexts.map(move |context| {
            let said = context.value.to_token_stream();
            let value = borrowed(&said);
            let context = located(quote_spanned!(Span::mixed_site()=> context), &said);
            (late, true, Recorded { tokens: quote_spanned!(Span::mixed_site()=> __v.#context(#value);), said })
        });
        fields.chain(tags).chain(args).chain(contexts).map(|(late, own, one)| {
            let names_err = own && Words::of(one.said.clone()).have("err");
            (late || names_err, one)
        })
    }

    fn field(&self, field: &Field) -> Recorded {
        let key = &field.key;
        let value = self.value(field, "value");
        let tokens = quote_spanned!(Span::mixed_site()=> __v.field(#key, #value););
        Recorded { tokens, said: field.value.clone() }
    }

    fn tag(&self, tag: &Field) -> Recorded {
        let at = Span::mixed_site();
        let private = &self.private;
        let (key, value) = (&tag.key, &tag.value);
        let value = match tag.how {
            _ if is_secret(&key.value()) => {
                let guarded = located(quote_spanned!(at=> #private::guarded_tag), value);
                quote_spanned!(at=> #guarded(#value))
            }
            How::Bare | How::Display => borrowed(value),
            How::Debug => quote_spanned!(at=> ::core::format_args!("{:?}", #value)),
        };
        let method = located(quote_spanned!(at=> tag), &tag.value);
        Recorded { tokens: quote_spanned!(at=> __v.#method(#key, #value);), said: tag.value.clone() }
    }

    fn arg(&self, arg: &Field) -> Recorded {
        let key = &arg.key;
        let value = self.value(arg, "shown");
        let tokens = quote_spanned!(Span::mixed_site()=> __v.arg(#key, #value););
        Recorded { tokens, said: arg.value.clone() }
    }

    /// The call that makes a value of the user's expression.
    fn value(&self, field: &Field, bare: &str) -> TokenStream {
        let at = Span::mixed_site();
        let private = &self.private;
        let value = &field.value;
        if is_secret(&field.key.value()) {
            let guarded = located(quote_spanned!(at=> #private::guarded), value);
            return quote_spanned!(at=> #guarded(#value));
        }
        let by = Ident::new(
            match field.how {
                How::Bare => bare,
                How::Debug => "debug",
                How::Display => "display",
            },
            at,
        );
        let by = located(quote_spanned!(at=> #private::#by), value);
        let borrowed = borrowed(value);
        if field.how == How::Bare && bare == "shown" {
            return quote_spanned!(at=> #by(#borrowed).watchpost_value());
        }
        quote_spanned!(at=> #by(#borrowed))
    }

    /// The name `err` as the user's expressions write it.
    fn err(&self) -> Ident {
        let capture = self.annotation.capture.as_ref();
        let mut said: Vec<TokenStream> = self.recorded().map(|(_, one)| one.said).collect();
        let parts = capture.and_then(|args| args.fingerprint.as_ref()).into_iter().flat_map(|parts| &parts.value.0);
        said.extend(parts.map(ToTokens::to_token_stream));
        let named = said.into_iter().find_map(find_err);
        let ignores = capture.is_some_and(|args| args.ignore.is_some());
        named.unwrap_or_else(|| Ident::new(if ignores { "__e" } else { "_" }, Span::mixed_site()))
    }
}

fn find_err(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == "err" => Some(ident),
        TokenTree::Group(group) => find_err(group.stream()),
        _ => None,
    })
}

/// `&(expr)`, at the place of the expression, so that errors about it point there.
pub(super) fn borrowed(value: &TokenStream) -> TokenStream {
    let first = value.clone().into_iter().next().map_or_else(Span::mixed_site, |token| token.span());
    let last = value.clone().into_iter().last().map_or_else(Span::mixed_site, |token| token.span());
    let mut group = Group::new(Delimiter::Parenthesis, value.clone());
    group.set_span(Span::mixed_site().located_at(last));
    let group = TokenTree::Group(group);
    quote_spanned!(Span::mixed_site().located_at(first)=> &#group)
}

/// Generated tokens at the place of the user's.
pub(super) fn located(tokens: TokenStream, user: &TokenStream) -> TokenStream {
    let Some(first) = user.clone().into_iter().next() else { return tokens };
    let span = Span::mixed_site().located_at(first.span());
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}
