//! Arguments, moved to where the body is so that they are dropped in the order of their declaration.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::PairsMut;
use syn::{FnArg, Ident, Pat, PatIdent, PatWild, ReceiverKind, Signature, Token};

use super::cfgs_apart;

/// The arguments of a function whose body moves into a closure or a future, taken out of its signature, which is left with plain
/// names alone: no `mut`, no patterns.
pub(crate) struct Arguments {
    bindings: Vec<Binding>,
    /// `self`, where it is taken by value.
    owned_self: Option<TokenStream>,
}

/// Where an argument is spoken of.
pub(crate) trait Needs {
    /// In the body, or by a value that is taken where the body is.
    fn inside(&self, name: &str) -> bool;
    /// By an expression that stands before the body.
    fn before(&self, name: &str) -> bool;
    /// By a late expression, and nowhere inside: it stays where that finds it.
    fn outside(&self, name: &str) -> bool;
}

/// How one argument reaches the body.
struct Binding {
    /// `#[cfg]`, which decides whether there is an argument at all.
    cfg: TokenStream,
    /// The other attributes: lint levels, which are about the pattern.
    attrs: TokenStream,
    pat: Pat,
    /// The name in the new signature.
    outer: Ident,
    /// The names that the pattern binds.
    names: Vec<Ident>,
    /// Whether `ref mut` stands anywhere in it.
    lends_mutably: bool,
}

impl Binding {
    fn new(cfg: TokenStream, attrs: TokenStream, mut pat: Pat, outer: Ident) -> Self {
        let (mut names, mut lends_mutably) = (Vec::new(), false);
        each(&mut pat, &mut |pat| {
            if let Pat::Ident(name) = pat {
                names.push(name.ident.clone());
                lends_mutably |= name.by_ref.is_some() && name.mutability.is_some();
            }
        });
        Self { cfg, attrs, pat, outer, names, lends_mutably }
    }
}

impl Arguments {
    /// Takes the arguments out of a signature.
    pub(crate) fn take(sig: &mut Signature) -> Self {
        let mut bindings = Vec::new();
        let mut owned_self = None;
        for (index, pair) in sig.inputs.pairs_mut().enumerate() {
            match pair.into_value() {
                FnArg::Receiver(receiver) => {
                    if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
                        owned_self = Some(receiver.self_token.to_token_stream());
                    }
                }
                FnArg::Typed(typed) => {
                    let outer = match &*typed.pat {
                        // Clippy minds the use of a name that begins with an underscore.
                        Pat::Ident(pat) if is_name(pat) && !pat.ident.to_string().starts_with('_') => pat.ident.clone(),
                        _ => Ident::new(&format!("__arg{index}"), Span::mixed_site()),
                    };
                    let pat = std::mem::replace(&mut *typed.pat, name(outer.clone()));
                    let (cfgs, others) = cfgs_apart(&mut typed.attrs);
                    bindings.push(Binding::new(quote!(#(#cfgs)*), quote!(#(#others)*), pat, outer));
                    typed.attrs = cfgs;
                }
            }
        }
        Self { bindings, owned_self }
    }

    /// Moves every argument into the body, in order.
    ///
    /// ```text
    /// // Input:  fn f(a: A, mut b: B, (c, _): (C, D), _: E)
    /// // Output: let a = a; let mut b = b; let __arg2 = __arg2; let (c, _) = __arg2; let __arg3 = __arg3;
    /// ```
    pub(crate) fn rebind(&self, needs: &impl Needs) -> TokenStream {
        let at = Span::mixed_site();
        let mut tokens = TokenStream::new();
        // A closure would capture the fields of `self` that it names, and leave the rest to be dropped elsewhere.
        if let Some(owned_self) = self.owned_self.as_ref().filter(|_| needs.inside("self")) {
            tokens.extend(quote_spanned!(at=> let _ = &#owned_self;));
        }
        for Binding { cfg, attrs, pat, outer, names, lends_mutably } in &self.bindings {
            let by_name = matches!(pat, Pat::Ident(pat) if is_name(pat));
            if by_name && matches!(pat, Pat::Ident(pat) if needs.outside(&pat.ident.to_string())) {
                continue;
            }
            if !by_name {
                let mutable = lends_mutably.then(|| Token![mut](at));
                tokens.extend(quote_spanned!(at=> #cfg let #mutable #outer = #outer;));
            }
            // A name that says that it has no use gets none: Clippy minds a binding without effect.
            let idle = |name: &Ident| name != outer && !needs.inside(&name.to_string());
            if by_name && matches!(pat, Pat::Ident(pat) if idle(&pat.ident)) {
                tokens.extend(quote_spanned!(at=> #cfg let #outer = #outer;));
            } else if !matches!(pat, Pat::Wild(_)) {
                tokens.extend(quote_spanned!(at=> #cfg #attrs let #pat = #outer;));
                // Used by an expression that stands before the body: the body need not.
                for name in names {
                    let text = name.to_string();
                    if needs.before(&text) && !needs.inside(&text) {
                        tokens.extend(quote_spanned!(at=> #cfg let _ = &#name;));
                    }
                }
            }
        }
        tokens
    }

    /// Lends those names of patterns that expressions before the body speak of.
    ///
    /// ```text
    /// // Input:  fn f((c, d): (C, D))     with an expression that speaks of `d`
    /// // Output: let (_, d) = &__arg0;
    /// ```
    pub(crate) fn lend(&self, needs: &impl Needs) -> TokenStream {
        let at = Span::mixed_site();
        let mut tokens = TokenStream::new();
        for Binding { cfg, pat, outer, names, .. } in &self.bindings {
            if !names.iter().any(|name| needs.before(&name.to_string())) {
                continue;
            }
            // Only what syn has written itself is read here.
            let Ok(mut pat) = Pat::parse_single.parse2(pat.to_token_stream()) else { continue };
            lend(&mut pat, &|name| needs.before(&name.to_string()));
            if matches!(&pat, Pat::Ident(name) if name.ident == *outer) {
                continue;
            }
            let borrow = if matches!(pat, Pat::Reference(_)) { None } else { Some(Token![&](at)) };
            tokens.extend(quote_spanned!(at=> #cfg let #pat = #borrow #outer;));
        }
        tokens
    }
}

/// `x` or `mut x`.
fn is_name(pat: &PatIdent) -> bool {
    pat.attrs.is_empty() && pat.by_ref.is_none() && pat.subpat.is_none()
}

fn name(ident: Ident) -> Pat {
    Pat::Ident(PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident, subpat: None })
}

/// Leaves in a pattern only the wanted names, and those as they are by default.
fn lend(pat: &mut Pat, wanted: &dyn Fn(&Ident) -> bool) {
    each(pat, &mut |pat| {
        let Pat::Ident(name) = pat else { return };
        name.by_ref = None;
        name.mutability = None;
        if !wanted(&name.ident) && name.subpat.is_none() {
            let underscore_token = Token![_](name.ident.span());
            *pat = Pat::Wild(PatWild { attrs: Vec::new(), underscore_token });
        }
    });
}

/// Each pattern in a pattern, the outer before the inner.
fn each(pat: &mut Pat, visit: &mut dyn FnMut(&mut Pat)) {
    visit(pat);
    match pat {
        Pat::Ident(name) => {
            if let Some((_, inner)) = &mut name.subpat {
                each(inner, visit);
            }
        }
        Pat::Paren(inner) => each(&mut inner.pat, visit),
        Pat::Reference(inner) => each(&mut inner.pat, visit),
        Pat::Type(inner) => each(&mut inner.pat, visit),
        Pat::Guard(inner) => each(&mut inner.pat, visit),
        Pat::Or(list) => all(list.cases.pairs_mut(), visit),
        Pat::Slice(list) => all(list.elems.pairs_mut(), visit),
        Pat::Tuple(list) => all(list.elems.pairs_mut(), visit),
        Pat::TupleStruct(list) => all(list.elems.pairs_mut(), visit),
        Pat::Struct(list) => {
            for pair in list.fields.pairs_mut() {
                let field = pair.into_value();
                each(&mut field.pat, visit);
                // `S { x }` binds by the field's name alone.
                if field.colon_token.is_none() && matches!(*field.pat, Pat::Wild(_)) {
                    field.colon_token = Some(Token![:](Span::mixed_site()));
                }
            }
        }
        _ => {}
    }
}

/// `pairs_mut` is smaller than `iter_mut`, which is made anew for each list as an object.
fn all<P>(list: PairsMut<'_, Pat, P>, visit: &mut dyn FnMut(&mut Pat)) {
    for pair in list {
        each(pair.into_value(), visit);
    }
}
