//! What was written on the struct and its fields.

use std::rc::Rc;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::{Attribute, Ident, LitStr};

use crate::args::{Keyed, value};
use crate::crate_path::CratePath;
use crate::derive::how::{Field, How, fields as fields_of};
use crate::derive::item::{Data, Item};
use crate::derive::words::{excludes, not_on_a_struct, one_of, read as read_words, unknown};
use crate::errors::Errors;

/// A struct that is to be a context.
pub(crate) struct Model<'a> {
    pub(crate) name: String,
    /// The name where it is given, else the struct's.
    pub(crate) name_at: Span,
    pub(crate) named: bool,
    pub(crate) krate: Option<Keyed<CratePath>>,
    pub(crate) fields: Vec<Recorded<'a>>,
}

/// A field that is recorded.
pub(crate) struct Recorded<'a> {
    pub(crate) field: Field<'a>,
    /// The key, and where it stands; none for a field that is flattened, or whose key is missing, which `check` tells.
    pub(crate) key: Option<(String, Span)>,
    pub(crate) what: What,
}

/// What is done with a field.
pub(crate) enum What {
    Value { how: Option<How>, tag: Option<Ident> },
    Flatten,
    Nested,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Skip,
    Flatten,
    Nested,
}

/// The words of one field, as they were said.
#[derive(Default)]
struct Said {
    tag: Option<Keyed<()>>,
    how: Option<Keyed<How>>,
    place: Option<Keyed<Place>>,
    rename: Option<Keyed<Rc<LitStr>>>,
}

const STRUCT_WORDS: [&str; 2] = ["name", "crate"];
const FIELD_WORDS: [&str; 10] =
    ["tag", "display", "debug", "masked", "hashed", "exposed", "skip", "rename", "flatten", "nested"];

/// Reads the item. `None` where nothing can be made of it.
pub(crate) fn read<'a>(item: &'a Item, errors: &mut Errors) -> Option<Model<'a>> {
    let written = match &item.data {
        Data::Struct(fields) => fields,
        Data::Enum { enum_token, .. } => {
            errors.push(
                enum_token,
                "an enum has no fields of its own to record; derive `SentryContext` on a struct, or on one for each variant",
            );
            return None;
        }
        Data::Union { union_token } => {
            errors.push(
                union_token,
                "which field of a union has the value cannot be told; derive `SentryContext` on a struct",
            );
            return None;
        }
    };

    let (mut name, mut krate) = (None::<Keyed<Rc<LitStr>>>, None);
    read_words(&item.attrs, "context", "`#[context(name = \"payment\")]`", errors, &mut |key, input, errors| match key
        .to_string()
        .as_str()
    {
        "name" => value::text(&mut name, key, input, errors),
        "crate" => value::expression(&mut krate, key, input, errors),
        _ => Err(not_on_a_struct(&key, &STRUCT_WORDS, &FIELD_WORDS)),
    });

    let mut fields = Vec::new();
    for (field, attributes) in fields_of(written) {
        fields.extend(read_field(field, attributes, errors));
    }
    Some(Model {
        fields,
        named: name.is_some(),
        name_at: name.as_ref().map_or_else(|| item.ident.span(), |name| name.value.span()),
        name: name.map_or_else(|| default_name(&item.ident), |name| name.value.value()),
        krate,
    })
}

fn read_field<'a>(field: Field<'a>, attributes: &[Attribute], errors: &mut Errors) -> Option<Recorded<'a>> {
    let mut said = Said::default();
    read_words(attributes, "context", "`#[context(tag)]`, or leave it out", errors, &mut |key, input, errors| {
        const ONE_PLACE: &str = "a field has one place; leave one out";
        match key.to_string().as_str() {
            "tag" => value::flag(&mut said.tag, key, input, errors),
            "rename" => value::text(&mut said.rename, key, input, errors),
            "skip" => one_of(&mut said.place, key, Place::Skip, ONE_PLACE, input, errors),
            "flatten" => one_of(&mut said.place, key, Place::Flatten, ONE_PLACE, input, errors),
            "nested" => one_of(&mut said.place, key, Place::Nested, ONE_PLACE, input, errors),
            "name" => Err(syn::Error::new(key.span(), "`name` belongs on the struct; write `rename = \"..\"` here")),
            "crate" => Err(syn::Error::new(key.span(), "`crate` belongs on the struct; move it there")),
            word => match How::of(word) {
                Some(how) => {
                    one_of(&mut said.how, key, how, "a field is recorded one way; leave one out", input, errors)
                }
                None => Err(unknown(&key, &FIELD_WORDS)),
            },
        }
    });
    check_place(&said, errors);

    let what = match said.place.map(|place| place.value) {
        Some(Place::Skip) => return None,
        Some(Place::Flatten) => What::Flatten,
        Some(Place::Nested) => What::Nested,
        None => What::Value { how: said.how.map(|how| how.value), tag: said.tag.map(|tag| tag.key) },
    };
    let key = match (&what, said.rename, field.ident) {
        (What::Flatten, ..) => None,
        (_, Some(rename), _) => Some((rename.value.value(), rename.value.span())),
        (_, None, ident) => ident.map(|ident| (ident.unraw().to_string(), ident.span())),
    };
    Some(Recorded { field, key, what })
}

/// A field that is skipped, or is a context itself, says nothing else.
fn check_place(said: &Said, errors: &mut Errors) {
    let Some(place) = &said.place else { return };
    let why = match place.value {
        Place::Skip => "nothing of the field is recorded; leave one out",
        Place::Flatten | Place::Nested => "the context inside says that of its own fields; leave one out",
    };
    let words = [said.tag.as_ref().map(|tag| &tag.key), said.how.as_ref().map(|how| &how.key)];
    for word in words.into_iter().flatten() {
        excludes(&place.key, word, why, errors);
    }
    match (place.value, &said.rename) {
        (Place::Skip, Some(rename)) => excludes(&place.key, &rename.key, why, errors),
        (Place::Flatten, Some(rename)) => {
            excludes(
                &place.key,
                &rename.key,
                "flattened fields keep their own keys; leave one out, or write `nested`",
                errors,
            );
        }
        _ => (),
    }
}

/// The struct's name in snake case, without `Context` at its end.
fn default_name(ident: &Ident) -> String {
    let name = ident.unraw().to_string();
    let name = name.strip_suffix("Context").filter(|rest| !rest.is_empty()).unwrap_or(&name);
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1);
        // `HTTPRequest` is two words: a capital begins one after a small letter or a digit, and before a small letter.
        let begins = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
            || (before.is_some_and(char::is_uppercase) && after.is_some_and(|after| after.is_lowercase()));
        if letter.is_uppercase() && begins {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_names() {
        let rows = [
            ("PaymentContext", "payment"),
            ("Context", "context"),
            ("HTTPRequestContext", "http_request"),
            ("Booking", "booking"),
            ("OAuth2TokenContext", "o_auth2_token"),
            ("lower_case", "lower_case"),
            ("ContextOfAll", "context_of_all"),
        ];
        for (ident, name) in rows {
            assert_eq!(default_name(&Ident::new(ident, Span::call_site())), name);
        }
    }
}
