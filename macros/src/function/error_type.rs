//! The error type, as far as the signature shows it.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Ident, PathArguments, ReturnType, Signature, Type};

use super::kind::ungrouped;
use super::{Owner, future_output};

/// Whether the error type has a type parameter or a borrow among its own arguments (`Full<T>`, `Refused<Self::Item>`,
/// `Bad<&str>`).
///
/// On the block itself the attribute reads what the block says of its parameters and of `Self::Error`. An attribute inside does not see the block's parameters: there a name of a letter or two in capitals is
/// taken for one, as everybody writes them. What hides behind `Self::Error` may borrow where the block has a lifetime, which is
/// seen where an argument has it too, as in `impl<'a> TryFrom<&'a str> for Name`.
pub(crate) fn error_is_generic(sig: &Signature, owner: Option<&Owner>) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else { return false };
    let ty = future_output(ty).unwrap_or_else(|| ungrouped(ty));
    let Type::Path(path) = ungrouped(ty) else { return false };
    let Some(PathArguments::AngleBracketed(result)) = path.path.segments.last().map(|segment| &segment.arguments)
    else {
        return false;
    };
    let mut error = None;
    for pair in result.args.pairs() {
        if let GenericArgument::Type(ty) = pair.into_value() {
            error = Some(ungrouped(ty));
        }
    }
    let Some(error) = error else { return false };
    let said = hidden(error).and_then(|name| owner?.associated(name)).map(ungrouped);
    let error = said.unwrap_or(error);
    if hidden(error).is_some() && borrows_from_outside(sig) {
        return true;
    }
    let Type::Path(error) = error else { return false };
    for segment in &error.path.segments {
        if is_generic(segment.arguments.to_token_stream(), ' ', sig, owner) {
            return true;
        }
    }
    false
}

/// The name behind which the type hides: `Error` of `Self::Error` and of `<Self as Trait>::Error`.
fn hidden(ty: &Type) -> Option<&Ident> {
    let Type::Path(ty) = ty else { return None };
    let is_hidden = ty.qself.is_some() || ty.path.segments.len() > 1 && ty.path.segments[0].ident == "Self";
    ty.path.segments.last().filter(|_| is_hidden).map(|name| &name.ident)
}

/// Whether an argument has a lifetime that the function does not declare itself.
fn borrows_from_outside(sig: &Signature) -> bool {
    has_outer_lifetime(sig.inputs.to_token_stream(), sig)
}

fn has_outer_lifetime(tokens: TokenStream, sig: &Signature) -> bool {
    let mut tick = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(name) if tick => {
                let own = sig.generics.lifetimes().any(|declared| declared.lifetime.ident == *name);
                if !own && name != "static" && name != "_" {
                    return true;
                }
            }
            TokenTree::Group(group) if has_outer_lifetime(group.stream(), sig) => return true,
            _ => {}
        }
        tick = is_punct(&token, '\'');
    }
    false
}

/// Whether a type parameter or a borrow stands among a type's arguments; `before` them is a sign, or a space for a name.
fn is_generic(arguments: TokenStream, mut before: char, sig: &Signature, owner: Option<&Owner>) -> bool {
    let mut tokens = arguments.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match &token {
            TokenTree::Ident(name) => {
                // Not a path's later part, a lifetime, or the name in `Item = T`.
                let is_type = before != ':' && before != '\'' && !tokens.peek().is_some_and(|next| is_punct(next, '='));
                is_type && names_parameter(name, sig, owner)
            }
            TokenTree::Group(group) => is_generic(group.stream(), '(', sig, owner),
            TokenTree::Punct(punct) if punct.as_char() == '&' => !borrows_static(tokens.clone()),
            // `<T as Trait>::Name` may be anything.
            TokenTree::Punct(punct) if punct.as_char() == '<' => !matches!(before, ' ' | ':'),
            _ => false,
        };
        if found {
            return true;
        }
        before = match &token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
    }
    false
}

/// Whether `'static` stands next.
fn borrows_static(mut tokens: impl Iterator<Item = TokenTree>) -> bool {
    tokens.next().is_some_and(|token| is_punct(&token, '\''))
        && matches!(tokens.next(), Some(TokenTree::Ident(name)) if name == "static")
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// A parameter by the declarations that are seen; a name of a letter or two in capitals, and `Self`, by itself.
fn names_parameter(name: &Ident, sig: &Signature, owner: Option<&Owner>) -> bool {
    let text = name.to_string();
    let short = text.len() <= 2 && text.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
    short
        || text == "Self"
        || sig.generics.type_params().any(|param| param.ident == *name)
        || owner.is_some_and(|owner| owner.generics.type_params().any(|param| param.ident == *name))
}
