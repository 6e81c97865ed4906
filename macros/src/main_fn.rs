//! `#[watchpost::main]`: the program's `main` moves into one of ours, with every attribute that it has.
//!
//! ```text
//! // Input:                       // Output:
//! #[tokio::main]                  fn main() -> R {
//! async fn main() -> R { .. }         #[tokio::main]
//!                                     async fn main() -> R { .. }
//!                                     let guard = start(release!(), on_config_error, configure);
//!                                     let out = run(main);
//!                                     OBSERVE; finish(guard);
//!                                     out
//!                                 }
//! ```
//!
//! So the client is there before the runtime is, and the runtime is gone before the client is flushed. A runtime's
//! attribute above this one has left a plain function, and comes to the same.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, ReturnType, Signature, Type, Visibility};

use crate::args::{self, MainArgs, OnConfigError};
use crate::crate_path::Private;
use crate::errors::Errors;
use crate::function::{FnItem, cfgs_apart};

/// Expands the attribute on a function.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args: MainArgs = args::parse(args, &mut errors);
    let output = match parse.parse2(item.clone()) {
        Ok(function) => {
            check(&function, &mut errors);
            if !errors.is_empty() {
                hold(function)
            } else if cfg!(feature = "off") {
                function.into_token_stream()
            } else {
                wrap(&args, function)
            }
        }
        Err(error) => {
            errors.add(error);
            item
        }
    };
    let errors = errors.finish();
    quote!(#output #errors)
}

fn parse(input: ParseStream<'_>) -> syn::Result<FnItem> {
    let attrs = Attribute::parse_outer(input)?;
    if FnItem::peek(input) {
        return FnItem::parse_after(attrs, input);
    }
    let error = input.error("`main` goes on the function in which the program begins");
    // The rest is not looked at.
    let _: TokenStream = input.parse()?;
    Err(error)
}

fn check(function: &FnItem, errors: &mut Errors) {
    let sig = &function.sig;
    if !sig.inputs.is_empty() {
        errors.push(&sig.inputs, "`main` takes no arguments; read them with `std::env::args`");
    }
    if function.body.is_none() {
        errors.push(&sig.ident, "`main` needs a body");
    }
    if let Some(constness) = &sig.constness {
        errors
            .push(constness, "a `const fn` also runs at compile time, where nothing can be started; leave `const` out");
    }
    let is_ours = |attr: &&Attribute| {
        let path = &attr.path().segments;
        path.len() > 1 && path[0].ident == "watchpost" && path[1].ident == "main"
    };
    if let Some(again) = function.attrs.iter().find(is_ours) {
        errors.push(again.path(), "`main` is on this function twice; keep one");
    }
    if let Some(asyncness) = &sig.asyncness
        && function.attrs.iter().all(is_no_macro)
    {
        errors.push(asyncness, "an asynchronous `main` needs a runtime; add its attribute, as in `#[tokio::main]`");
    }
}

/// Attributes that are the compiler's own. `cfg_attr` may stand for a runtime's.
fn is_no_macro(attr: &Attribute) -> bool {
    ["cfg", "doc", "allow", "expect", "warn", "deny", "forbid", "must_use", "inline", "cold", "rustfmt", "clippy"]
        .iter()
        .any(|name| attr.path().segments.first().is_some_and(|first| first.ident == name))
}

/// What is said outside of the program's own function, which stands inside.
struct Outside {
    /// Whether it is there at all, and for whom.
    head: TokenStream,
    /// What the compiler takes for a `main`.
    sig: TokenStream,
}

/// Takes out of the program's own function what belongs outside.
fn outside(inner: &mut FnItem) -> Outside {
    let (cfgs, others) = cfgs_apart(&mut inner.attrs);
    inner.attrs = others;
    let vis = std::mem::replace(&mut inner.vis, Visibility::Inherited);
    let head = quote!(#(#cfgs)* #vis);
    let Signature { safety, abi, fn_token, ident, generics, output, .. } = &inner.sig;
    let conditions = &generics.where_clause;
    Outside { head, sig: quote!(#safety #abi #fn_token #ident #generics () #output #conditions) }
}

/// A `main` that cannot be run, with the program's own in it: the compiler adds nothing to what we have to say.
fn hold(mut inner: FnItem) -> TokenStream {
    let Outside { head, sig } = outside(&mut inner);
    let main = &inner.sig.ident;
    quote_spanned! {Span::mixed_site()=>
        #head #sig {
            #inner
            let _ = #main;
            loop {}
        }
    }
}

fn wrap(args: &MainArgs, mut inner: FnItem) -> TokenStream {
    let at = Span::mixed_site();
    let private = Private::of(args.krate.as_ref());
    let on_error = match args.on_config_error.as_ref().map(|word| word.value) {
        None | Some(OnConfigError::Exit) => quote_spanned!(at=> #private::OnConfigError::Exit),
        Some(OnConfigError::Continue) => quote_spanned!(at=> #private::OnConfigError::Continue),
    };
    let configure = args.configure.as_ref().map(|configure| configure.value.to_token_stream());
    let configure = configure.unwrap_or_else(|| quote_spanned!(at=> ::core::convert::identity));

    let Outside { head, sig } = outside(&mut inner);
    let main = &inner.sig.ident;
    let name = main.to_string();
    let line = quote_spanned!(main.span()=> ::core::line!());

    let run = if matches!(&inner.sig.output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_))) {
        quote_spanned!(at=> #private::run(#main))
    } else {
        quote_spanned! {at=>
            static __SITE: #private::CallSite = #private::CallSite::new(
                #private::Kind::ERRORS, #name, #name, ::core::module_path!(), ::core::file!(), #line
            );
            let __call = #private::enter(&__SITE);
            let __out = #private::run(#main);
            let __returned = #private::returned(&__out);
            let __way = #private::ask(&__returned).watchpost_way();
            let __face = #private::faces_by(&__way, &__returned).watchpost_face();
            let __out = #private::settle(__way, __call, __out, __face);
            ::core::mem::drop(__guard);
            __out
        }
    };
    quote_spanned! {at=>
        #head #sig {
            #inner
            let __guard = #private::start(#private::release!(), #on_error, #configure);
            #run
        }
    }
}
