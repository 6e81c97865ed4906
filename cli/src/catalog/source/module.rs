//! One module, and the way to those below it.

use std::fs;
use std::path::{Path, PathBuf};

use syn::ext::IdentExt as _;
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, ItemUse, Lit, Meta, UseTree};

use super::super::{Catalog, Unreadable};
use super::attribute::Aliases;
use super::package::Package;
use super::reader::Reader;

/// A module that stands in a file, whole or in part.
pub(super) struct Module<'a> {
    workspace: &'a Path,
    /// The module path.
    path: String,
    file: PathBuf,
    /// Where the files of the modules below are.
    below: PathBuf,
}

impl<'a> Module<'a> {
    /// The first of a crate.
    pub(super) fn root(package: &'a Package) -> Self {
        let below = package.root.parent().map(Path::to_owned).unwrap_or_default();
        let (workspace, path) = (package.workspace.as_path(), package.crate_name.clone());
        Self { workspace, path, file: package.root.clone(), below }
    }

    /// Reads the file and the modules below.
    pub(super) fn read(&self, catalog: &mut Catalog) -> Result<(), Unreadable> {
        let told = |problem: &dyn std::fmt::Display| Unreadable(format!("{}: {problem}", self.file.display()));
        let text = fs::read_to_string(&self.file).map_err(|problem| told(&problem))?;
        let file = syn::parse_file(&text).map_err(|problem| {
            let at = problem.span().start();
            Unreadable(format!("{}:{}:{}: {problem}", self.file.display(), at.line, at.column + 1))
        })?;
        self.items(&file.items, &Aliases::default(), catalog)
    }

    fn items(&self, items: &[Item], outer: &Aliases, catalog: &mut Catalog) -> Result<(), Unreadable> {
        let mut aliases = outer.clone();
        for item in items {
            if let Item::Use(ItemUse { tree, .. }) = item {
                renames(tree, &mut aliases);
            }
        }
        let shown = self.file.strip_prefix(self.workspace).unwrap_or(&self.file);
        let shown = shown.to_string_lossy().replace('\\', "/");
        for item in items {
            match item {
                Item::Mod(module) if is_for_tests(&module.attrs) => {}
                Item::Mod(module) => self.module(module, &aliases, catalog)?,
                item => Reader::new(&self.path, &shown, &aliases, catalog).read(item),
            }
        }
        Ok(())
    }

    fn module(&self, module: &ItemMod, aliases: &Aliases, catalog: &mut Catalog) -> Result<(), Unreadable> {
        let name = module.ident.unraw().to_string();
        let path = format!("{}::{name}", self.path);
        let workspace = self.workspace;
        if let Some((_, items)) = &module.content {
            let inside = Module { workspace, path, file: self.file.clone(), below: self.below.join(&name) };
            return inside.items(items, aliases, catalog);
        }
        let beside = self.file.parent().map(Path::to_owned).unwrap_or_default();
        let (file, below) = match path_of(&module.attrs) {
            Some(given) => {
                let file = beside.join(given);
                let below = file.parent().map(Path::to_owned).unwrap_or_default();
                (file, below)
            }
            None => {
                let (flat, folder) = (self.below.join(format!("{name}.rs")), self.below.join(&name));
                (if flat.is_file() { flat } else { folder.join("mod.rs") }, folder)
            }
        };
        if !file.is_file() && has_cfg(&module.attrs) {
            // Written by a build, or for another platform.
            return Ok(());
        }
        Module { workspace, path, file, below }.read(catalog)
    }
}

/// `use watchpost::monitor_performance as measured;`
fn renames(tree: &UseTree, aliases: &mut Aliases) {
    match tree {
        UseTree::Path(path) => renames(&path.tree, aliases),
        UseTree::Group(group) => group.items.iter().for_each(|tree| renames(tree, aliases)),
        UseTree::Rename(rename) => aliases.add(&rename.rename.unraw().to_string(), &rename.ident.unraw().to_string()),
        _ => {}
    }
}

fn path_of(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Whether some `cfg` stands on it.
pub(super) fn has_cfg(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("cfg"))
}

/// `#[cfg(test)]`, `#[cfg(all(test, ..))]`, `#[test]` and what is named after it.
pub(super) fn is_for_tests(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let is_test = attr.path().segments.last().is_some_and(|segment| segment.ident == "test");
        is_test
            || matches!(&attr.meta, Meta::List(list) if list.path.is_ident("cfg") && {
                let said = list.tokens.to_string().replace(' ', "");
                said == "test" || said.starts_with("all(test,") || (said.starts_with("all(") && said.contains(",test"))
            })
    })
}
