//! Arguments, moved to where the body is so that they are dropped in the order of their declaration.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{Attribute, FieldPat, FnArg, Ident, Pat, PatIdent, ReceiverKind, Signature, Token};

use crate::walk::{self, Walk};

/// The arguments of a function whose body moves into a closure or a future.
pub(crate) struct Arguments {
    /// The signature with plain names alone: no `mut`, no patterns.
    pub(crate) sig: Signature,
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
    cfg: Vec<Attribute>,
    /// The other attributes: lint levels, which are about the pattern.
    attrs: Vec<Attribute>,
    pat: Pat,
    /// The name in the new signature.
    outer: Ident,
}

impl Arguments {
    /// Takes the arguments out of a signature.
    pub(crate) fn new(sig: &Signature) -> Self {
        let mut sig = sig.clone();
        let mut bindings = Vec::new();
        let mut owned_self = None;
        for (index, input) in sig.inputs.iter_mut().enumerate() {
            match input {
                FnArg::Receiver(receiver) => {
                    if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
                        owned_self = Some(receiver.self_token.to_token_stream());
                    }
                }
                FnArg::Typed(typed) => {
                    let outer = match &*typed.pat {
                        // Clippy minds the use of a name that begins with an underscore.
                        Pat::Ident(pat) if is_name(pat) && !pat.ident.to_string().starts_with('_') => pat.ident.clone(),
                        _ => format_ident!("__arg{index}", span = Span::mixed_site()),
                    };
                    let pat = std::mem::replace(&mut *typed.pat, name(outer.clone()));
                    let attrs = std::mem::take(&mut typed.attrs);
                    let (cfg, attrs) = attrs.into_iter().partition(|attr| attr.path().is_ident("cfg"));
                    typed.attrs.clone_from(&cfg);
                    bindings.push(Binding { cfg, attrs, pat, outer });
                }
            }
        }
        Self { sig, bindings, owned_self }
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
        for Binding { cfg, attrs, pat, outer } in &self.bindings {
            let by_name = matches!(pat, Pat::Ident(pat) if is_name(pat));
            if by_name && matches!(pat, Pat::Ident(pat) if needs.outside(&pat.ident.to_string())) {
                continue;
            }
            if !by_name {
                let mutable = lends_mutably(pat).then(|| Token![mut](at));
                tokens.extend(quote_spanned!(at=> #(#cfg)* let #mutable #outer = #outer;));
            }
            // A name that says that it has no use gets none: Clippy minds a binding without effect.
            let idle = |name: &Ident| name != outer && !needs.inside(&name.to_string());
            if by_name && matches!(pat, Pat::Ident(pat) if idle(&pat.ident)) {
                tokens.extend(quote_spanned!(at=> #(#cfg)* let #outer = #outer;));
            } else if !matches!(pat, Pat::Wild(_)) {
                tokens.extend(quote_spanned!(at=> #(#cfg)* #(#attrs)* let #pat = #outer;));
                // Used by an expression that stands before the body: the body need not.
                for name in names(pat).iter().filter(|name| {
                    let name = name.to_string();
                    needs.before(&name) && !needs.inside(&name)
                }) {
                    tokens.extend(quote_spanned!(at=> #(#cfg)* let _ = &#name;));
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
        for Binding { cfg, pat, outer, .. } in &self.bindings {
            let mut pat = pat.clone();
            let mut lend = Lend { wanted: &|name: &Ident| needs.before(&name.to_string()), any: false };
            walk::pat(&mut pat, &mut lend);
            if !lend.any || matches!(&pat, Pat::Ident(name) if name.ident == *outer) {
                continue;
            }
            let borrow = if matches!(pat, Pat::Reference(_)) { None } else { Some(Token![&](at)) };
            tokens.extend(quote_spanned!(at=> #(#cfg)* let #pat = #borrow #outer;));
        }
        tokens
    }
}

/// `x` or `mut x`.
fn is_name(pat: &PatIdent) -> bool {
    pat.attrs.is_empty() && pat.by_ref.is_none() && pat.subpat.is_none()
}

/// The names that a pattern binds.
fn names(pat: &Pat) -> Vec<Ident> {
    struct Names(Vec<Ident>);
    impl Walk for Names {
        fn pat(&mut self, pat: &mut Pat) -> bool {
            if let Pat::Ident(name) = pat {
                self.0.push(name.ident.clone());
            }
            true
        }
    }
    let mut names = Names(Vec::new());
    walk::pat(&mut pat.clone(), &mut names);
    names.0
}

/// Whether `ref mut` stands anywhere in a pattern.
fn lends_mutably(pat: &Pat) -> bool {
    struct Find(bool);
    impl Walk for Find {
        fn pat(&mut self, pat: &mut Pat) -> bool {
            self.0 |= matches!(pat, Pat::Ident(name) if name.by_ref.is_some() && name.mutability.is_some());
            true
        }
    }
    let mut find = Find(false);
    walk::pat(&mut pat.clone(), &mut find);
    find.0
}

fn name(ident: Ident) -> Pat {
    Pat::Ident(PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident, subpat: None })
}

/// Leaves in a pattern only the wanted names, and those as they are by default.
struct Lend<'a> {
    wanted: &'a dyn Fn(&Ident) -> bool,
    any: bool,
}

impl Walk for Lend<'_> {
    fn pat(&mut self, pat: &mut Pat) -> bool {
        if let Pat::Ident(name) = pat {
            name.by_ref = None;
            name.mutability = None;
            if (self.wanted)(&name.ident) {
                self.any = true;
            } else if name.subpat.is_none() {
                let underscore_token = Token![_](name.ident.span());
                *pat = Pat::Wild(syn::PatWild { attrs: Vec::new(), underscore_token });
                return false;
            }
        }
        true
    }

    fn field(&mut self, field: &mut FieldPat) {
        if field.colon_token.is_none() && matches!(*field.pat, Pat::Wild(_)) {
            field.colon_token = Some(Token![:](Span::mixed_site()));
        }
    }
}
