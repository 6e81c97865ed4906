//! What the attributes write, shape by shape: each file of `expansions/` has the input and what becomes of it.
//!
//! After a change, `UPDATE_EXPANSIONS=1 cargo test -p watchpost-macros expansions` writes them anew, to be read as code is.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;
use syn::Item;

use crate::annotation::Which;
use crate::entry;

/// The first of our attributes expands the item, as the compiler has it.
fn expanded(input: &str) -> String {
    let file = syn::parse_file(input).expect("the input parses");
    let mut items = Vec::new();
    for mut item in file.items {
        let attrs = match &mut item {
            Item::Fn(item) => &mut item.attrs,
            Item::Impl(item) => &mut item.attrs,
            _ => panic!("an annotated function or block"),
        };
        let first = attrs.remove(0);
        let which = Which::of(&first).expect("one of ours stands first");
        let args = first.meta.require_list().map_or_else(|_| TokenStream::new(), |list| list.tokens.clone());
        let tokens = entry::attribute(which, args, quote::quote!(#item));
        items.extend(syn::parse2::<syn::File>(tokens).expect("the expansion parses").items);
    }
    prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items })
}

#[test]
fn every_shape_expands_as_written_down() {
    // A build of the whole workspace has them on, and they change what is written: CI runs this crate by itself as well.
    if cfg!(any(feature = "catalog", feature = "off")) {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("expansions");
    let mut names: Vec<_> =
        fs::read_dir(&folder).expect("the folder is there").map(|entry| entry.expect("is readable").path()).collect();
    names.sort();
    assert!(names.len() >= 12, "a file for each shape: {names:?}");
    for path in names {
        let text = fs::read_to_string(&path).expect("is readable");
        let input = text.split("\n// Output\n").next().unwrap_or_default();
        let text_now = format!("{}\n// Output\n\n{}", input.trim_end(), expanded(input));
        if env::var_os("UPDATE_EXPANSIONS").is_some() {
            fs::write(&path, text_now).expect("can be written");
        } else {
            assert_eq!(text, text_now, "{} is not what the attribute writes now", path.display());
        }
    }
}

/// What is left of an item's attributes when the first of ours has been expanded, as the compiler does it.
fn left(text: &str) -> Vec<String> {
    let mut item: Item = syn::parse_str(text).expect("the input parses");
    let attrs = match &mut item {
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        _ => panic!("an annotated function or block"),
    };
    let first = attrs.iter().position(|attr| Which::of(attr).is_some()).expect("one of ours is there");
    let which = Which::of(&attrs.remove(first)).expect("it is");
    let tokens = entry::attribute(which, TokenStream::new(), quote::quote!(#item));
    let file: syn::File = syn::parse2(tokens).expect("the expansion parses");
    let attrs = match file.items.into_iter().next() {
        Some(Item::Fn(item)) => item.attrs,
        Some(Item::Impl(item)) => item.attrs,
        _ => panic!("the item comes first"),
    };
    attrs.iter().map(|attr| quote::quote!(#attr).to_string()).collect()
}

#[test]
fn documentation_and_the_attributes_of_others_stay_in_their_order() {
    const OTHERS: &[&str] =
        &["/// One.", "#[inline]", "#[cfg(all())]", "/** Two. */", "#[allow(unused)]", "#[must_use = \"three\"]"];
    const STACKS: &[&[&str]] = &[
        &["monitor_performance"],
        &["capture_errors"],
        &["monitored_task"],
        &["monitor_performance", "capture_errors"],
        &["capture_errors", "monitor_performance"],
        &["monitor_performance", "monitored_task"],
        &["monitored_task", "capture_errors"],
        &["capture_errors", "monitored_task", "monitor_performance"],
        &["monitored_task", "monitor_performance", "capture_errors"],
    ];
    const ITEMS: &[&str] = &[
        "fn f() -> Result<(), ()> { Ok(()) }",
        "async fn f() -> Result<(), ()> { Ok(()) }",
        "fn f() -> Pin<Box<dyn Future<Output = Result<(), ()>>>> { Box::pin(async { Ok(()) }) }",
        "fn f() -> impl Future<Output = Result<(), ()>> { async { Ok(()) } }",
        "impl Shop { fn f() -> Result<(), ()> { Ok(()) } }",
    ];
    let others = |item: &str| {
        let text = format!("{} {item}", OTHERS.join("\n"));
        let item: Item = syn::parse_str(&text).expect("the input parses");
        let attrs = match item {
            Item::Fn(item) => item.attrs,
            Item::Impl(item) => item.attrs,
            _ => panic!("a function or a block"),
        };
        attrs.iter().map(|attr| quote::quote!(#attr).to_string()).collect::<Vec<_>>()
    };
    for item in ITEMS {
        let expected = others(item);
        // No task can be made of a block.
        for stack in STACKS.iter().filter(|stack| !item.starts_with("impl") || !stack.contains(&"monitored_task")) {
            // The first of ours after so many of theirs, and each of the next one later.
            for first in 0..=OTHERS.len() {
                let mut attrs: Vec<String> = OTHERS.iter().map(|&other| other.to_owned()).collect();
                for (nth, ours) in stack.iter().enumerate() {
                    attrs.insert((first + 2 * nth).min(attrs.len()), format!("#[watchpost::{ours}]"));
                }
                let text = format!("{} {item}", attrs.join("\n"));
                assert_eq!(left(&text), expected, "{text}");
            }
        }
    }
}
