//! How a field's value is recorded: as it is, by `Display`, by `Debug`, or by one of the three words.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, Fields, GenericArgument, Ident, PathArguments, Type};

use super::bounds::Bounds;
use crate::crate_path::Private;

/// How a value is recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Display,
    Debug,
    Masked,
    Hashed,
    Exposed,
}

impl How {
    pub(crate) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "display" => Self::Display,
            "debug" => Self::Debug,
            "masked" => Self::Masked,
            "hashed" => Self::Hashed,
            "exposed" => Self::Exposed,
            _ => return None,
        })
    }

    /// Whether it is one of the three words that a secret-looking name needs.
    pub(crate) fn is_guard(self) -> bool {
        matches!(self, Self::Masked | Self::Hashed | Self::Exposed)
    }
}

/// A field, as the derives read it.
pub(crate) struct Field<'a> {
    /// The name, or the index.
    pub(crate) member: TokenStream,
    /// The field's name; a tuple's field has none.
    pub(crate) ident: Option<&'a Ident>,
    pub(crate) ty: &'a Type,
}

/// The fields, each with its attributes.
pub(crate) fn fields(of: &Fields) -> Vec<(Field<'_>, &[Attribute])> {
    let mut fields = Vec::new();
    for (member, field) in of.members().zip(of) {
        let read = Field { member: member.into_token_stream(), ident: field.ident.as_ref(), ty: &field.ty };
        fields.push((read, field.attrs.as_slice()));
    }
    fields
}

impl Field<'_> {
    /// Where the field is told of: its name, or the type of a field without one.
    pub(crate) fn span(&self) -> Span {
        self.ident.map_or_else(|| self.ty.span(), Ident::span)
    }

    /// `self.field`, so that what its type lacks is told at the type.
    pub(crate) fn access(&self) -> TokenStream {
        let member = &self.member;
        let at = Span::mixed_site().located_at(self.ty.span());
        let this = Ident::new("self", Span::call_site().located_at(self.ty.span()));
        quote_spanned!(at=> &#this.#member)
    }

    /// Tokens that do something with the value: `some` is given a reference to it. Of an `Option` it is what it holds; where it
    /// holds nothing, `none` is done.
    pub(crate) fn each(
        &self,
        some: impl FnOnce(&TokenStream) -> TokenStream,
        none: Option<TokenStream>,
    ) -> TokenStream {
        let access = self.access();
        if optional(self.ty).is_none() {
            return some(&access);
        }
        let at = Span::mixed_site().located_at(self.ty.span());
        let value = quote_spanned!(at=> __value);
        let some = some(&value);
        let none = none.map(|none| quote!(else { #none }));
        quote!(if let ::core::option::Option::Some(#value) = #access { #some } #none)
    }

    /// The type that a bound is about: without references and `Option`.
    pub(crate) fn bare_type(&self) -> &Type {
        optional(self.ty).unwrap_or_else(|| without_references(self.ty))
    }
}

/// Where recorded values go: `__fields.field(..)`, `__user.data(..)`.
pub(crate) struct Sink {
    pub(crate) object: &'static str,
    pub(crate) method: &'static str,
}

/// Records one field under its key, and as a tag where it has one.
pub(crate) fn record(
    field: &Field<'_>,
    how: Option<How>,
    key: &str,
    tag: Option<&str>,
    sink: &Sink,
    private: &Private,
    bounds: &mut Bounds<'_>,
) -> TokenStream {
    let (object, method) = (Ident::new(sink.object, Span::call_site()), Ident::new(sink.method, Span::call_site()));
    // A tag is text, and the field beside it the same.
    let how = if tag.is_some() { how.or(Some(How::Display)) } else { how };
    bounds.need(field.bare_type(), &bound(how, private));
    let Some(how) = how else {
        let value = recorded(None, &field.access(), private);
        return quote!(#object.#method(#key, #value););
    };
    field.each(
        |value| {
            let tag = tag.map(|tag| {
                let value = displayed(how, value, private);
                // So that the redactor knows an exposed value again.
                let value = if how.is_guard() { quote!(#private::guarded_tag(#value)) } else { value };
                quote!(#object.tag(#tag, #value);)
            });
            let value = recorded(Some(how), value, private);
            quote!(#tag #object.#method(#key, #value);)
        },
        tag.map(|tag| quote!(#object.no_tag(#tag);)),
    )
}

/// The value as something that can be displayed.
pub(crate) fn displayed(how: How, value: &TokenStream, private: &Private) -> TokenStream {
    match how {
        How::Display => value.clone(),
        How::Debug => quote!(::core::format_args!("{:?}", #value)),
        How::Masked => quote!(#private::masked(#value)),
        How::Hashed => quote!(#private::hashed(#value)),
        How::Exposed => quote!(#private::exposed(#value)),
    }
}

/// The value as it is recorded.
fn recorded(how: Option<How>, value: &TokenStream, private: &Private) -> TokenStream {
    match how {
        None => quote!(#private::value(#value)),
        Some(How::Display) => quote!(#private::display(#value)),
        Some(How::Debug) => quote!(#private::debug(#value)),
        Some(guard) => {
            let guarded = displayed(guard, value, private);
            quote!(#private::guarded(#guarded))
        }
    }
}

/// The trait that the value must have.
pub(crate) fn bound(how: Option<How>, private: &Private) -> TokenStream {
    match how {
        None => quote!(#private::ToValue),
        Some(How::Debug) => quote!(::core::fmt::Debug),
        Some(_) => quote!(::core::fmt::Display),
    }
}

fn without_references(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Reference(reference) => &reference.elem,
            Type::Paren(paren) => &paren.elem,
            Type::Group(group) => &group.elem,
            _ => return ty,
        };
    }
}

/// `T`, of `Option<T>` or a reference to one, by its name: an alias is not seen through.
fn optional(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = without_references(ty) else { return None };
    let last = path.path.segments.last().filter(|last| path.qself.is_none() && last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(without_references(inner)),
        _ => None,
    }
}
