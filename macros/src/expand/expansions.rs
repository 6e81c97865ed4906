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
