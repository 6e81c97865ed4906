//! Annotates every function of a crate that nobody here wrote, so that its own test suite says whether they still mean
//! the same.
//!
//! ```console
//! $ cargo run -p watchpost-tests --bin annotate -- FOLDER [--with monitor,capture,task] [--futures Send,Recv]
//! $ cd FOLDER && cargo test
//! ```
//! FOLDER is a copy of a crate's sources, as `cargo package` or the registry lays them out; it is changed in place and
//! given a dependency on this checkout. `--with` says which attributes and in which order; by default `monitor,capture`.
//! Functions that no attribute can wrap (`const fn`, functions without a body) and those inside macros are left alone and
//! counted. `--futures` names the crate's own types that are futures: functions that return one by its own name get
//! `future = false`: the type must stay, so only the call is a span.
//!
//! The compiler sees what the dependency brings along: beside `serde_json`, whose values compare with numbers,
//! `assert_eq!(&list[..], &[])` has no type any more, annotated or not. Tests that say so are given one by hand.

#![expect(clippy::print_stdout, reason = "a command tells what it found")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use proc_macro2::{LineColumn, Span};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, ItemFn, ReturnType, Signature, TraitItemFn, Visibility};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else {
        eprintln!("usage: annotate FOLDER [--with monitor,capture,task] [--futures TYPE,TYPE]");
        return ExitCode::from(2);
    };
    let rest: Vec<String> = arguments.collect();
    let option = |name: &str| rest.iter().skip_while(|word| *word != name).nth(1).cloned();
    let with = option("--with").unwrap_or_else(|| "monitor,capture".to_owned());
    let futures = option("--futures").unwrap_or_default();
    match annotate(&folder, &with, &futures) {
        Ok(count) => {
            println!("{}: {} functions annotated, {} left alone", folder.display(), count.annotated, count.left);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("annotate: {problem}");
            ExitCode::from(1)
        }
    }
}

#[derive(Default)]
struct Count {
    annotated: usize,
    left: usize,
}

fn annotate(folder: &Path, with: &str, futures: &str) -> Result<Count, String> {
    depend_on_us(&folder.join("Cargo.toml"))?;
    let mut count = Count::default();
    for file in sources(&folder.join("src"))? {
        let text = read(&file)?;
        // What does not parse is a fragment for `include!`.
        let Ok(parsed) = syn::parse_file(&text) else { continue };
        let mut found = Found {
            with: with.split(',').map(str::to_owned).collect(),
            futures: futures.split(',').map(str::to_owned).collect(),
            ..Found::default()
        };
        found.visit_file(&parsed);
        count.annotated += found.places.len();
        count.left += found.left;
        write(&file, &inserted(&text, found.places))?;
    }
    Ok(count)
}

/// The dependency goes in front of the first table of dependencies, so that the rest of the manifest stays as it is.
fn depend_on_us(manifest: &Path) -> Result<(), String> {
    let text = read(manifest)?;
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let table = format!(
        "[dependencies.watchpost]\npath = {:?}\ndefault-features = false\n\n",
        runtime.canonicalize().map_err(|err| format!("{}: {err}", runtime.display()))?
    );
    let workspace = if text.contains("[workspace]") { "" } else { "\n[workspace]\n" };
    write(manifest, &format!("{text}\n{table}{workspace}"))
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|err| format!("{}: {err}", folder.display()))? {
        let path = entry.map_err(|err| err.to_string())?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|err| format!("{}: {err}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|err| format!("{}: {err}", path.display()))
}

/// Puts each text before its place, the last place first so that the others stay where they are.
fn inserted(text: &str, mut places: Vec<(LineColumn, String)>) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    places.sort_by_key(|(at, _)| (at.line, at.column));
    for (at, attributes) in places.into_iter().rev() {
        let Some(line) = lines.get_mut(at.line - 1) else { continue };
        let byte = line.char_indices().nth(at.column).map_or(line.len(), |(byte, _)| byte);
        line.insert_str(byte, &attributes);
    }
    lines.join("\n")
}

#[derive(Default)]
struct Found {
    with: Vec<String>,
    futures: Vec<String>,
    places: Vec<(LineColumn, String)>,
    left: usize,
}

impl Found {
    fn function(&mut self, attributes: &[Attribute], visibility: Span, signature: &Signature) {
        let is_test =
            attributes.iter().any(|attribute| attribute.path().segments.last().is_some_and(|s| s.ident == "test"));
        if signature.constness.is_some() || signature.variadic.is_some() || is_test {
            self.left += 1;
            return;
        }
        let track_caller = attributes.iter().any(|attribute| attribute.path().is_ident("track_caller"));
        let returned = returned(&signature.output);
        let is_result = returned.as_deref() == Some("Result");
        let is_opaque = matches!(&signature.output, ReturnType::Type(_, ty) if matches!(**ty, syn::Type::ImplTrait(_)));
        let is_future = returned.is_some_and(|name| self.futures.contains(&name));
        let with = self.with.iter().filter_map(|attribute| match attribute.as_str() {
            "monitor" if is_future => Some("#[::watchpost::monitor_performance(future = false)] "),
            "monitor" => Some("#[::watchpost::monitor_performance] "),
            "capture" if is_result && !track_caller => Some("#[::watchpost::capture_errors] "),
            "task" if !is_opaque && !is_future && !track_caller => Some("#[::watchpost::monitored_task] "),
            _ => None,
        });
        // One line and nothing before it, so that every line number stays.
        let text: String = with.collect();
        if text.is_empty() {
            self.left += 1;
            return;
        }
        self.places.push((visibility.start(), text));
    }
}

/// The last word of the return type's path, by which a person tells what it is.
fn returned(output: &ReturnType) -> Option<String> {
    let ReturnType::Type(_, ty) = output else { return None };
    let syn::Type::Path(path) = &**ty else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

fn begins(visibility: &Visibility, signature: &Signature) -> Span {
    match visibility {
        Visibility::Inherited => signature.span(),
        given => given.span(),
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.attrs, begins(&item.vis, &item.sig), &item.sig);
        visit::visit_item_fn(self, item);
    }
    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.attrs, begins(&item.vis, &item.sig), &item.sig);
        visit::visit_impl_item_fn(self, item);
    }
    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if item.default.is_some() {
            self.function(&item.attrs, item.sig.span(), &item.sig);
        } else {
            self.left += 1;
        }
        visit::visit_trait_item_fn(self, item);
    }
}
