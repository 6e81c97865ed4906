//! The return type as a closure or a `let` may state it.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{ReturnType, Signature, Type};

use crate::tokens::append;

/// The return type with every `impl Trait` in it left to the compiler.
pub(crate) fn erased(sig: &Signature) -> TokenStream {
    let ReturnType::Type(_, ty) = &sig.output else { return quote!(()) };
    erased_type(ty)
}

/// The same of one type.
pub(crate) fn erased_type(ty: &Type) -> TokenStream {
    erase(ty.to_token_stream()).0
}

/// Whether there is any `impl Trait` in the return type.
pub(crate) fn hides(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else { return false };
    erase(ty.to_token_stream()).1
}

/// A type with `_` for every `impl Trait`, and whether there was any.
fn erase(ty: TokenStream) -> (TokenStream, bool) {
    let mut erased = TokenStream::new();
    let mut any = false;
    let mut tokens = ty.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "impl" => {
                any = true;
                append(&mut erased, TokenTree::Ident(Ident::new("_", word.span())));
                if let Some(after) = skip_bounds(&mut tokens) {
                    append(&mut erased, after);
                }
            }
            TokenTree::Group(group) => {
                let (inner, hid) = erase(group.stream());
                if hid {
                    any = true;
                    append(&mut erased, TokenTree::Group(with(&group, inner)));
                } else {
                    append(&mut erased, TokenTree::Group(group));
                }
            }
            other => append(&mut erased, other),
        }
    }
    (erased, any)
}

/// Goes on behind the bounds of an `impl Trait`: to what ends them, a `,`, a `;` or a `>` that is not their own.
fn skip_bounds(tokens: &mut impl Iterator<Item = TokenTree>) -> Option<TokenTree> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for token in tokens {
        let now = match &token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        match now {
            '<' => depth += 1,
            // `->`
            '>' if before == '-' => {}
            '>' | ',' | ';' if depth == 0 => return Some(token),
            '>' => depth -= 1,
            _ => {}
        }
        before = now;
    }
    None
}

/// The same brackets around other tokens.
fn with(group: &Group, inner: TokenStream) -> Group {
    let mut other = Group::new(group.delimiter(), inner);
    other.set_span(group.span());
    other
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::{erase, erased_type, hides};

    #[test]
    fn what_is_hidden_is_left_to_the_compiler() {
        for (ty, should) in [
            ("impl Iterator<Item = u8> + 'a", "_"),
            ("Result<impl Fn(&str) -> Result<u8, E>, E>", "Result<_, E>"),
            ("Option<(impl A, &'a mut impl B<C, D>)>", "Option<(_, &'a mut _)>"),
            ("Box<dyn Iterator<Item = impl for<'a> Fn(&'a u8) -> &'a u8>>", "Box<dyn Iterator<Item = _>>"),
            ("Result<[impl A + use<'a, T>; 3], Box<dyn Error>>", "Result<[_; 3], Box<dyn Error>>"),
            ("impl A", "_"),
        ] {
            let parsed: syn::Type = syn::parse_str(ty).expect("a type");
            let should: syn::Type = syn::parse_str(should).expect("a type");
            assert_eq!(erased_type(&parsed).to_string(), should.to_token_stream().to_string());
            let sig = syn::parse_str(&format!("fn f() -> {ty}")).expect("a signature");
            assert!(hides(&sig), "{ty}");
        }
        let plain = "Result<fn(u8) -> Vec<u8>, Box<dyn Fn() -> u8>>";
        let (_, any) = erase(plain.parse().expect("tokens"));
        assert!(!any);
    }
}
