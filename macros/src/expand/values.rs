//! What is recorded of a call.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Ident;

use super::Call;
use crate::args::{Field, How, listed};
use crate::checks::is_secret;
use crate::function::{Needs, Words};
use crate::tokens::{first, placed};

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
        self.task_values().into_iter().any(|(_, _, value)| Words::of(value).have(name))
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
        let values = self.recorded_at(true);
        let err = self.err();
        let mut said = TokenStream::new();
        if let Some(pattern) = &capture.ignore {
            let pattern = &pattern.value.0;
            said.extend(quote_spanned!(at=> match #err { #pattern => __w.ignore(), _ => {} }));
        }
        if let Some(parts) = &capture.fingerprint {
            let mut list = TokenStream::new();
            for part in &parts.value.0 {
                let part = borrowed(part);
                list.extend(quote_spanned!(at=> #part,));
            }
            said.extend(quote_spanned!(at=> __w.fingerprint(#private::texts(&[#list]));));
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
        self.eager.get_or_init(|| Said::new(self.recorded_at(false)))
    }

    /// What is recorded at entry, or late.
    fn recorded_at(&self, wanted: bool) -> TokenStream {
        let mut tokens = TokenStream::new();
        for (late, one) in self.recorded() {
            if late == wanted {
                tokens.extend(one.tokens);
            }
        }
        tokens
    }

    /// Everything that is recorded, and whether it waits for an error.
    fn recorded(&self) -> Vec<(bool, Recorded)> {
        let capture = self.annotation.capture.as_ref();
        let late = capture.is_some_and(|args| args.late.is_some());
        let is_own = |list: &[Field], field| list.iter().any(|own| std::ptr::eq(own, field));
        let mut all = Vec::new();
        // What an attribute of errors says itself may speak of the error, and waits for it then.
        let mut add = |own: bool, one: Recorded| {
            let waits = own && (late || Words::of(one.said.clone()).have("err"));
            all.push((waits, one));
        };
        for field in self.annotation.fields() {
            add(capture.is_some_and(|args| is_own(listed(&args.fields), field)), self.field(field));
        }
        for tag in self.annotation.tags() {
            add(capture.is_some_and(|args| is_own(listed(&args.tags), tag)), self.tag(tag));
        }
        let Some(capture) = capture else { return all };
        for arg in listed(&capture.args) {
            add(true, self.arg(arg));
        }
        if let Some(context) = &capture.context {
            let said = context.value.0.clone();
            let value = borrowed(&said);
            let context = located(quote_spanned!(Span::mixed_site()=> context), &said);
            add(true, Recorded { tokens: quote_spanned!(Span::mixed_site()=> __v.#context(#value);), said });
        }
        all
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
        for (_, one) in self.recorded() {
            if let Some(err) = find_err(one.said) {
                return err;
            }
        }
        let capture = self.annotation.capture.as_ref();
        if let Some(parts) = capture.and_then(|args| args.fingerprint.as_ref()) {
            for part in &parts.value.0 {
                if let Some(err) = find_err(part.clone()) {
                    return err;
                }
            }
        }
        let ignores = capture.is_some_and(|args| args.ignore.is_some());
        Ident::new(if ignores { "__e" } else { "_" }, Span::mixed_site())
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
    let (mut first, mut last) = (None, None);
    for token in value.clone() {
        first = first.or_else(|| Some(token.span()));
        last = Some(token.span());
    }
    let at = |span: Option<Span>| span.map_or_else(Span::mixed_site, |span| Span::mixed_site().located_at(span));
    let mut group = Group::new(Delimiter::Parenthesis, value.clone());
    group.set_span(at(last));
    let group = TokenTree::Group(group);
    quote_spanned!(at(first)=> &#group)
}

/// Generated tokens at the place of the user's.
pub(super) fn located(tokens: TokenStream, user: &TokenStream) -> TokenStream {
    let Some(first) = first(user) else { return tokens };
    let span = Span::mixed_site().located_at(first.span());
    placed(tokens, &|_| span)
}
