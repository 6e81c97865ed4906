//! One item of a module, and the functions in it.

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Fields, Ident, ImplItem, ImplItemFn, Item, ItemEnum, ItemFn, ItemImpl, ItemStruct, ReturnType, Signature,
};
use syn::{TraitItemFn, Type as SynType};

use super::super::{Catalog, Cron, Derive, Function, Task, Type};
use super::attribute::{Aliases, Words, derives, helper, is_result, ours};
use super::module::{has_cfg, is_for_tests};

/// A task that takes longer is slow, where its attribute does not say otherwise.
const SLOW_TASK_MS: u64 = 30_000;

/// Collects what is annotated in one item.
pub(super) struct Reader<'a> {
    module: &'a str,
    file: &'a str,
    aliases: &'a Aliases,
    catalog: &'a mut Catalog,
}

/// The attributes on one function, or on the block that it stands in.
#[derive(Debug, Clone, Default)]
struct Annotation {
    monitor: Option<Words>,
    capture: Option<Words>,
    task: Option<Words>,
}

impl Annotation {
    fn of(attrs: &[Attribute], aliases: &Aliases) -> Self {
        let mut annotation = Self::default();
        ours(attrs, aliases, &mut |name, words| match name {
            "monitor_performance" => annotation.monitor = Some(words),
            "capture_errors" => annotation.capture = Some(words),
            "monitored_task" => annotation.task = Some(words),
            _ => {}
        });
        annotation
    }

    fn is_empty(&self) -> bool {
        self.monitor.is_none() && self.capture.is_none() && self.task.is_none()
    }

    /// What a function in an annotated block is asked for.
    fn within(self, block: &Self, sig: &Signature) -> Self {
        let merged = |own: Option<Words>, block: Option<&Words>| match own {
            Some(own) if own.has("skip") => None,
            Some(own) => Some(block.map_or_else(|| own.clone(), |block| own.clone().within(block))),
            None => block.map(|block| Words::default().within(block)),
        };
        let says_result = matches!(&sig.output, ReturnType::Type(_, ty) if is_result(ty.to_token_stream()));
        let of_block = block.capture.as_ref().filter(|_| self.capture.is_some() || says_result);
        Self {
            monitor: merged(self.monitor, block.monitor.as_ref()),
            capture: merged(self.capture, of_block),
            task: self.task,
        }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(module: &'a str, file: &'a str, aliases: &'a Aliases, catalog: &'a mut Catalog) -> Self {
        Self { module, file, aliases, catalog }
    }

    pub(super) fn read(mut self, item: &Item) {
        self.visit_item(item);
    }

    fn function(&mut self, annotation: &Annotation, sig: &Signature, attrs: &[Attribute], owner: Option<&str>) {
        if annotation.is_empty() || is_for_tests(attrs) {
            return;
        }
        let Annotation { monitor, capture, task } = annotation;
        let (monitor, capture, task) = (monitor.as_ref(), capture.as_ref(), task.as_ref());
        let function = sig.ident.unraw().to_string();
        let function = owner.map_or_else(|| function.clone(), |owner| format!("{owner}::{function}"));
        let name = task.and_then(Words::name).or(monitor.and_then(Words::name)).unwrap_or(&function).to_owned();
        let kinds = [
            ("span", monitor.is_some()),
            ("errors", capture.is_some()),
            ("task", task.is_some()),
            ("root", monitor.is_some_and(|words| words.has("root"))),
            ("scope", monitor.is_some_and(|words| words.has("scope"))),
            ("metric", monitor.is_some_and(|words| words.has("metric"))),
        ];
        let queue = task.and_then(|words| words.text("queue"));
        let op = monitor.and_then(|words| words.text("op")).unwrap_or_else(|| {
            let op = match (task, &queue) {
                (Some(_), Some(_)) => "queue.process",
                (Some(_), None) => "task",
                (None, _) => "function",
            };
            op.to_owned()
        });
        let said =
            |word: &str| capture.and_then(|words| words.text(word)).or_else(|| task.and_then(|words| words.text(word)));
        let slow =
            monitor.and_then(|words| words.millis("slow")).or_else(|| task.and_then(|words| words.millis("slow")));
        self.catalog.functions.push(Function {
            function,
            module: self.module.to_owned(),
            file: self.file.to_owned(),
            line: line(&sig.ident),
            kinds: kinds.into_iter().filter(|(_, asked)| *asked).map(|(kind, _)| kind.to_owned()).collect(),
            op,
            category: said("category"),
            level: capture.and_then(|words| words.text("level")),
            slow_ms: slow.or_else(|| task.map(|_| SLOW_TASK_MS)),
            task: task.map(|words| self::task(words, queue.clone(), &name)),
            is_conditional: has_cfg(attrs),
            name,
        });
    }

    fn types(&mut self, ident: &Ident, attrs: &[Attribute], variants: &[&[Attribute]]) {
        if is_for_tests(attrs) {
            return;
        }
        let type_name = ident.unraw().to_string();
        for derived in derives(attrs, self.aliases) {
            let mut categories = Vec::new();
            let (derive, name) = match derived.as_str() {
                "SentryContext" => {
                    let name = helper(attrs, "context", "name");
                    (Derive::Context, name.unwrap_or_else(|| context_name(&type_name)))
                }
                "SentryUser" => (Derive::User, type_name.clone()),
                "Classify" => {
                    let said = std::iter::once(attrs).chain(variants.iter().copied());
                    for category in said.filter_map(|attrs| helper(attrs, "classify", "category")) {
                        if !categories.contains(&category) {
                            categories.push(category);
                        }
                    }
                    (Derive::Errors, type_name.clone())
                }
                _ => continue,
            };
            self.catalog.types.push(Type {
                derive,
                name,
                type_name: type_name.clone(),
                module: self.module.to_owned(),
                file: self.file.to_owned(),
                line: line(ident),
                categories,
            });
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_for_tests(&item.attrs) {
            self.function(&Annotation::of(&item.attrs, self.aliases), &item.sig, &item.attrs, None);
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if is_for_tests(&item.attrs) {
            return;
        }
        let block = Annotation::of(&item.attrs, self.aliases);
        let owner = (!block.is_empty()).then(|| type_name(&item.self_ty));
        for member in &item.items {
            if let ImplItem::Fn(ImplItemFn { attrs, sig, .. }) = member {
                let annotation = Annotation::of(attrs, self.aliases).within(&block, sig);
                self.function(&annotation, sig, attrs, owner.as_deref());
            }
        }
        visit::visit_item_impl(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.function(&Annotation::of(&item.attrs, self.aliases), &item.sig, &item.attrs, None);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.types(&item.ident, &item.attrs, &[]);
    }

    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        let variants: Vec<_> = item.variants.iter().map(|variant| variant.attrs.as_slice()).collect();
        self.types(&item.ident, &item.attrs, &variants);
    }

    // Types hold no items.
    fn visit_fields(&mut self, _: &'ast Fields) {}
}

fn task(words: &Words, queue: Option<String>, name: &str) -> Task {
    let report = words.text("report").unwrap_or_else(|| {
        if words.has("max_attempts") { "last_attempt".to_owned() } else { "every_attempt".to_owned() }
    });
    let minutes = |word| words.millis(word).map(|millis| millis / 60_000);
    let cron = words.text("cron").map(|schedule| Cron {
        slug: words.text("slug").unwrap_or_else(|| name.to_owned()),
        schedule,
        timezone: words.text("timezone"),
        checkin_margin_minutes: minutes("checkin_margin"),
        max_runtime_minutes: minutes("max_runtime"),
    });
    Task { queue, report, cron }
}

fn line(ident: &Ident) -> u32 {
    u32::try_from(ident.span().start().line).unwrap_or(u32::MAX)
}

fn type_name(ty: &SynType) -> String {
    match ty {
        SynType::Path(path) => {
            path.path.segments.last().map_or_else(String::new, |last| last.ident.unraw().to_string())
        }
        SynType::Reference(reference) => type_name(&reference.elem),
        SynType::Group(group) => type_name(&group.elem),
        SynType::Paren(paren) => type_name(&paren.elem),
        other => other.to_token_stream().to_string().replace(' ', ""),
    }
}

/// `HTTPRequestContext` is `http_request`, as the derive has it.
fn context_name(type_name: &str) -> String {
    let name = type_name.strip_suffix("Context").filter(|rest| !rest.is_empty()).unwrap_or(type_name);
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let small_follows = letters.get(at + 1).is_some_and(|after| after.is_lowercase());
        let begins = before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit())
            || (before.is_some_and(char::is_uppercase) && small_follows);
        if letter.is_uppercase() && begins {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
