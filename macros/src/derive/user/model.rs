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

/// A struct that is to say who the user is.
pub(crate) struct Model<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) krate: Option<Keyed<CratePath>>,
    pub(crate) fields: Vec<Recorded<'a>>,
}

/// A field that is recorded.
pub(crate) struct Recorded<'a> {
    pub(crate) field: Field<'a>,
    pub(crate) how: Option<Keyed<How>>,
    pub(crate) what: What,
}

impl Recorded<'_> {
    /// Whether one of the three words is said.
    pub(crate) fn is_guarded(&self) -> bool {
        self.how.as_ref().is_some_and(|how| how.value.is_guard())
    }
}

/// What a field says of the user.
pub(crate) enum What {
    Identity(Keyed<Identity>),
    /// The key, and where it stands; none where a field without a name has no key, which `check` tells.
    Data {
        key: Option<(String, Span)>,
        tag: Option<Ident>,
    },
}

/// What Sentry itself knows of a user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    Id,
    Email,
    Username,
    IpAddress,
}

impl Identity {
    /// The name in the attribute and in the runtime.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Email => "email",
            Self::Username => "username",
            Self::IpAddress => "ip_address",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "id" => Self::Id,
            "email" => Self::Email,
            "username" => Self::Username,
            "ip_address" => Self::IpAddress,
            _ => return None,
        })
    }
}

/// What a field is.
#[derive(Clone, Copy)]
enum Role {
    Identity(Identity),
    Data,
    Skip,
}

/// The words of one field, as they were said.
#[derive(Default)]
struct Said {
    role: Option<Keyed<Role>>,
    how: Option<Keyed<How>>,
    tag: Option<Keyed<()>>,
    rename: Option<Keyed<Rc<LitStr>>>,
}

const STRUCT_WORDS: [&str; 1] = ["crate"];
const FIELD_WORDS: [&str; 13] = [
    "id",
    "email",
    "username",
    "ip_address",
    "data",
    "tag",
    "display",
    "debug",
    "masked",
    "hashed",
    "exposed",
    "skip",
    "rename",
];

/// Reads the item. `None` where nothing can be made of it.
pub(crate) fn read<'a>(item: &'a Item, errors: &mut Errors) -> Option<Model<'a>> {
    let written = match &item.data {
        Data::Struct(fields) => fields,
        Data::Enum { enum_token, .. } => {
            errors.push(
                enum_token,
                "an enum has no fields of its own to say who the user is; derive `SentryUser` on a struct",
            );
            return None;
        }
        Data::Union { union_token } => {
            errors.push(
                union_token,
                "which field of a union has the value cannot be told; derive `SentryUser` on a struct",
            );
            return None;
        }
    };

    let mut krate = None;
    read_words(&item.attrs, "user", "`#[user(crate = ::path)]`, or leave it out", errors, &mut |key, input, errors| {
        match key.to_string().as_str() {
            "crate" => value::expression(&mut krate, key, input, errors),
            _ => Err(not_on_a_struct(&key, &STRUCT_WORDS, &FIELD_WORDS)),
        }
    });
    let mut fields = Vec::new();
    for (field, attributes) in fields_of(written) {
        fields.extend(read_field(field, attributes, errors));
    }
    Some(Model { name: &item.ident, fields, krate })
}

fn read_field<'a>(field: Field<'a>, attributes: &[Attribute], errors: &mut Errors) -> Option<Recorded<'a>> {
    let mut said = Said::default();
    read_words(attributes, "user", "`#[user(id)]`, or leave it out", errors, &mut |key, input, errors| {
        const ONE_ROLE: &str = "a field is one thing; leave one out";
        let word = key.to_string();
        match word.as_str() {
            "data" => one_of(&mut said.role, key, Role::Data, ONE_ROLE, input, errors),
            "skip" => one_of(&mut said.role, key, Role::Skip, ONE_ROLE, input, errors),
            "tag" => value::flag(&mut said.tag, key, input, errors),
            "rename" => value::text(&mut said.rename, key, input, errors),
            "crate" => Err(syn::Error::new(key.span(), "`crate` belongs on the struct; move it there")),
            word => match (Identity::of(word), How::of(word)) {
                (Some(identity), _) => one_of(&mut said.role, key, Role::Identity(identity), ONE_ROLE, input, errors),
                (_, Some(how)) => {
                    one_of(&mut said.how, key, how, "a field is recorded one way; leave one out", input, errors)
                }
                _ => Err(unknown(&key, &FIELD_WORDS)),
            },
        }
    });
    check_role(&said, errors);

    let what = match said.role {
        Some(Keyed { value: Role::Skip, .. }) => return None,
        Some(Keyed { value: Role::Identity(identity), key }) => What::Identity(Keyed { key, value: identity }),
        _ => {
            let key = match (said.rename, field.ident) {
                (Some(rename), _) => Some((rename.value.value(), rename.value.span())),
                (None, ident) => ident.map(|ident| (ident.unraw().to_string(), ident.span())),
            };
            What::Data { key, tag: said.tag.map(|tag| tag.key) }
        }
    };
    Some(Recorded { field, how: said.how, what })
}

/// A skipped field says nothing else, and what Sentry knows itself has its key and is searched by already.
fn check_role(said: &Said, errors: &mut Errors) {
    let Some(role) = &said.role else { return };
    let (how, tag, rename) = (
        said.how.as_ref().map(|how| &how.key),
        said.tag.as_ref().map(|tag| &tag.key),
        said.rename.as_ref().map(|rename| &rename.key),
    );
    match role.value {
        Role::Data => (),
        Role::Skip => {
            for word in [how, tag, rename].into_iter().flatten() {
                excludes(&role.key, word, "nothing of the field is recorded; leave one out", errors);
            }
        }
        Role::Identity(identity) => {
            if let Some(tag) = tag {
                let why = format!(
                    "Sentry searches by `user.{}` without a tag; leave `tag` out",
                    if identity == Identity::IpAddress { "ip" } else { identity.name() }
                );
                excludes(&role.key, tag, &why, errors);
            }
            if let Some(rename) = rename {
                excludes(&role.key, rename, "Sentry gives it its key; leave `rename` out", errors);
            }
        }
    }
}
