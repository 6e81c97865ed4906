//! The rules of a user.

use super::model::{Identity, Model, Recorded, What};
use crate::args::Keyed;
use crate::checks::limits;
use crate::derive::how::How;
use crate::derive::words::{excludes, secret};
use crate::errors::Errors;

/// Tells everything that Sentry would refuse, cut or confuse, and what would leave the program unseen.
pub(crate) fn check(model: &Model<'_>, errors: &mut Errors) {
    if model.fields.is_empty() {
        errors.push(
            model.name,
            "nothing of this struct is recorded; give it a field that says who the user is, with `#[user(id)]`",
        );
    }
    let mut identities = Vec::new();
    let mut keys: Vec<&str> = Vec::new();
    for recorded in &model.fields {
        match &recorded.what {
            What::Identity(identity) => {
                if identities.contains(&identity.value) {
                    errors.push(&identity.key, format_args!("a user has one `{}`, and a field above is it; leave one out", identity.value.name()));
                }
                identities.push(identity.value);
                check_identity(recorded, identity, errors);
            }
            What::Data { key: None, .. } => errors.at(
                recorded.field.span(),
                "a field without a name needs a word: `#[user(id)]`, another of Sentry's own, `rename = \"..\"` or `skip`",
            ),
            What::Data { key: Some((key, at)), tag } => {
                if let Err(problem) = check_key(recorded, key) {
                    errors.at(*at, problem);
                    continue;
                }
                if keys.contains(&key.as_str()) {
                    errors.at(*at, format_args!("the key `{key}` is taken by a field above; give this one another with `#[user(rename = \"..\")]`"));
                }
                keys.push(key);
                if let Some(tag) = tag
                    && let Err(problem) = limits::tag_key(&format!("user.{key}"))
                {
                    errors.push(tag, problem);
                }
            }
        }
    }
}

fn check_key(recorded: &Recorded<'_>, key: &str) -> Result<(), String> {
    let secret = secret(recorded.field.ident, key);
    if recorded.field.ident.is_some_and(|ident| ident == key)
        && matches!(key, "id" | "email" | "username" | "ip_address")
    {
        let rename = if secret.is_some() { "" } else { ", `rename = \"..\"`" };
        return Err(format!(
            "whether this is the user's own `{key}` must be said; write `#[user({key})]`{rename} or `skip` on it"
        ));
    }
    limits::user_key(key)?;
    match secret {
        Some((name, looks_like)) if !recorded.is_guarded() => {
            let email = if name.contains("mail") { "`#[user(email)]`, " } else { "" };
            Err(format!(
                "`{name}` looks like {looks_like}; write {email}`#[user(masked)]`, `hashed`, `exposed` or `skip` on it"
            ))
        }
        _ => Ok(()),
    }
}

/// What may be sent of an e-mail address, a name and an IP address is decided on the way out, by `send_default_pii`. An id leaves as it is.
fn check_identity(recorded: &Recorded<'_>, identity: &Keyed<Identity>, errors: &mut Errors) {
    if identity.value == Identity::Id {
        if let Some((name, looks_like)) = secret(recorded.field.ident, "")
            && !recorded.is_guarded()
        {
            errors.at(
                recorded.field.span(),
                format_args!("`{name}` looks like {looks_like}; write `#[user(id, hashed)]`, or `masked` or `exposed` instead of `hashed`"),
            );
        }
        return;
    }
    let Some(how) = recorded.how.as_ref() else { return };
    match (identity.value, how.value) {
        (_, How::Exposed) => {
            excludes(
                &identity.key,
                &how.key,
                "whether it is sent as it is, is decided by `send_default_pii`; leave `exposed` out",
                errors,
            );
        }
        (Identity::IpAddress, guard) if guard.is_guard() => {
            excludes(&identity.key, &how.key, "what is left of it would be no address; leave one out", errors);
        }
        _ => (),
    }
}
