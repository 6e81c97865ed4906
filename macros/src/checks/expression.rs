//! Values are taken in a closure: nothing in them can wait, return or fail.

use proc_macro2::{Delimiter, TokenStream, TokenTree, token_stream};
use quote::ToTokens;
use syn::Expr;

use crate::annotation::Annotation;
use crate::args::{Keyed, listed};
use crate::errors::Errors;

/// Looks at every expression in the arguments.
pub(super) fn check(annotation: &Annotation, errors: &mut Errors) {
    for field in annotation.fields() {
        leaves(field.value.clone(), errors);
    }
    for tag in annotation.tags() {
        leaves(tag.value.clone(), errors);
    }
    if let Some(capture) = &annotation.capture {
        for arg in listed(&capture.args) {
            leaves(arg.value.clone(), errors);
        }
        if let Some(context) = &capture.context {
            leaves(context.value.0.clone(), errors);
        }
        if let Some(fingerprint) = &capture.fingerprint {
            for part in &fingerprint.value.0 {
                leaves(part.clone(), errors);
            }
        }
    }
    if let Some(task) = &annotation.task {
        let mut look = |value: &Option<Keyed<Expr>>| {
            if let Some(value) = value {
                leaves(value.value.to_token_stream(), errors);
            }
        };
        look(&task.id);
        look(&task.attempt);
        look(&task.max_attempts);
        look(&task.enqueued_at);
        look(&task.lost);
        look(&task.trace);
    }
}

/// Tells of the first token that would leave the closure; whether there is any.
///
/// What is looked at is an expression, which syn has parsed: a token is one by what stands before it. What stands in a closure or
/// an `async` block runs elsewhere, and what stands in a macro's arguments is the macro's.
fn leaves(expression: TokenStream, errors: &mut Errors) -> bool {
    let mut tokens = expression.into_iter();
    let (mut last, mut before) = (Last::Operator, Last::Operator);
    while let Some(token) = tokens.next() {
        let now = Last::of(&token, last);
        match (&token, last) {
            (TokenTree::Ident(word), Last::Dot) if word == "await" => {
                errors.push(
                    word,
                    "a value cannot be awaited here; record it in the body with `watchpost::current_span().set_field(..)`",
                );
                return true;
            }
            (TokenTree::Ident(word), _) if word == "return" => {
                errors.push(word, "a value cannot return from the function; record it in the body instead");
                return true;
            }
            (TokenTree::Ident(word), _) if word == "async" => skip_block(&mut tokens),
            (TokenTree::Punct(punct), Last::Operand) if punct.as_char() == '?' => {
                errors.push(punct, "`?` has nowhere to go from here; record an option, or do without");
                return true;
            }
            (TokenTree::Punct(punct), Last::Operator) if punct.as_char() == '|' => {
                skip_closure(&mut tokens);
            }
            (TokenTree::Group(group), _) => {
                let of_macro = last == Last::Not && before == Last::Operand;
                if !of_macro && leaves(group.stream(), errors) {
                    return true;
                }
            }
            _ => {}
        }
        (before, last) = (last, now);
    }
    false
}

/// What stands before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The end of an operand.
    Operand,
    Dot,
    Not,
    /// A `|` behind an operand, of which another makes `||`.
    Or,
    /// Nothing, a word of the language, or anything else that an operand follows.
    Operator,
}

impl Last {
    fn of(token: &TokenTree, before: Self) -> Self {
        const WORDS: &[&str] =
            &["as", "break", "dyn", "else", "if", "impl", "in", "let", "match", "move", "mut", "ref", "while"];
        match token {
            TokenTree::Ident(word) if WORDS.contains(&word.to_string().as_str()) => Self::Operator,
            TokenTree::Punct(punct) => match punct.as_char() {
                '.' => Self::Dot,
                '!' => Self::Not,
                '?' => Self::Operand,
                '|' if before == Self::Operand => Self::Or,
                _ => Self::Operator,
            },
            _ => Self::Operand,
        }
    }
}

/// Goes on behind `move { .. }`.
fn skip_block(tokens: &mut token_stream::IntoIter) {
    for token in tokens {
        if matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace) {
            break;
        }
    }
}

/// Goes on behind the closure whose first `|` was read: behind the next comma or semicolon after the second.
fn skip_closure(tokens: &mut token_stream::IntoIter) {
    let mut in_body = false;
    for token in tokens {
        let TokenTree::Punct(punct) = token else { continue };
        match punct.as_char() {
            '|' => in_body = true,
            ',' | ';' if in_body => break,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::leaves;
    use crate::errors::Errors;

    fn left_by(expression: &str) -> Option<String> {
        let mut errors = Errors::new();
        let tokens: TokenStream = expression.parse().expect("tokens");
        let _: syn::Expr = syn::parse2(tokens.clone()).expect("an expression");
        let leaves = leaves(tokens, &mut errors);
        let told = errors.finish().map(|error| error.to_string());
        assert_eq!(leaves, told.is_some(), "{expression}");
        told
    }

    #[test]
    fn what_leaves_is_found() {
        for (expression, what) in [
            ("order.load().await", "awaited"),
            ("f(order.load().await.len())", "awaited"),
            ("order.first()?", "`?`"),
            ("order.first()?.name?", "`?`"),
            ("[1, x?][0]", "`?`"),
            ("Foo::<u8>::BAR?", "`?`"),
            ("a | b?", "`?`"),
            ("a || b?", "`?`"),
            ("f(a || b, |x| x) || c?", "`?`"),
            ("(|x| x?, y?)", "`?`"),
            ("(async move { x? }, y?)", "`?`"),
            ("if !(a?) { 1 } else { 2 }", "`?`"),
            ("{ let f = |x: u8| x; f(a?) }", "`?`"),
            ("match x { Some(x) => x, None => return }", "return"),
        ] {
            let told = left_by(expression);
            assert!(told.as_ref().is_some_and(|told| told.contains(what)), "{expression}: {told:?}");
        }
    }

    #[test]
    fn what_stays_is_left_alone() {
        for expression in [
            "order.total",
            "a.b(c, |x| x?)",
            "a.b(move |x, (y | z)| { return x?; }, c)",
            "a.b(|| return)",
            "async { x.await? }",
            "async move { return x }",
            "format!(\"{:?}\", x)",
            "matches!(x, Some(y) if y?)",
            "&*x as &(dyn Any + ?Sized)",
            "f::<dyn ?Sized>()",
            "a..b",
            "x.r#await",
        ] {
            assert_eq!(left_by(expression), None, "{expression}");
        }
    }
}
