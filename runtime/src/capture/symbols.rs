//! The machine's own stack, with the names of its addresses looked up once.
//!
//! Looking up one address in the debug information takes longer than everything else that an event needs; a program fails in
//! few places, so the addresses are soon known.

use sentry_core::ClientOptions;
use sentry_core::protocol::Frame;

use super::told::Told;
#[cfg(feature = "backtrace")]
use {
    std::collections::HashMap,
    std::ffi::c_void,
    std::sync::{Arc, PoisonError, RwLock},
};

/// A stack deeper than this is cut at its outer end.
const DEEPEST: usize = 200;

/// Functions inside of which a program's own code begins: everything outside of them is how it was started.
const STARTERS: [&str; 2] = ["__rust_begin_short_backtrace", "std::rt::lang_start"];

/// Functions by which the stack was taken, and how a panic gets to its hook: they say nothing of the error.
const OURS: [&str; 9] = [
    "__rust_",
    "watchpost::",
    "backtrace::",
    "sentry_core::",
    "sentry::",
    "core::panicking::",
    "std::panicking::",
    "rust_begin_unwind",
    "__rustc::rust_begin_unwind",
];

/// The names of addresses that have been met.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    #[cfg(feature = "backtrace")]
    known: RwLock<HashMap<usize, Arc<[Frame]>>>,
}

impl Symbols {
    /// How many addresses are kept.
    #[cfg(feature = "backtrace")]
    const KEPT: usize = 8192;

    /// The stack that the error took when it was made; else this thread's.
    pub(super) fn stack_of(&self, told: &Told<'_>, options: &ClientOptions) -> Vec<Frame> {
        let own = told.stack().map(|text| parse(&text, options)).filter(|frames| !frames.is_empty());
        own.unwrap_or_else(|| self.stack(options))
    }

    /// This thread's stack, outermost first, down to where our own code begins; nothing without the feature `backtrace`.
    #[cfg(feature = "backtrace")]
    pub(super) fn stack(&self, options: &ClientOptions) -> Vec<Frame> {
        let mut addresses = Vec::with_capacity(64);
        backtrace::trace(|frame| {
            addresses.push(frame.ip().addr());
            addresses.len() < DEEPEST
        });
        let mut frames: Vec<Arc<[Frame]>> = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            addresses.iter().map_while(|address| known.get(address).cloned()).collect()
        };
        // What is outside of the program's start is no part of the stack. It lies in the system's libraries, and the first
        // address of each library takes a good part of a second where there is debug information.
        while let Some(address) = addresses.get(frames.len())
            && !frames.last().is_some_and(|last| last.iter().any(is_start))
        {
            frames.push(self.look_up(*address, options));
        }
        own_part(frames.iter().flat_map(|frames| frames.iter().cloned()))
    }

    #[cfg(not(feature = "backtrace"))]
    #[expect(clippy::unused_self, reason = "one shape with and without the feature")]
    pub(super) fn stack(&self, _options: &ClientOptions) -> Vec<Frame> {
        Vec::new()
    }

    /// The functions at an address, innermost first: more than one where some were inlined.
    #[cfg(feature = "backtrace")]
    fn look_up(&self, address: usize, options: &ClientOptions) -> Arc<[Frame]> {
        if let Some(frames) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&address) {
            return Arc::clone(frames);
        }
        let mut frames = Vec::new();
        backtrace::resolve(std::ptr::without_provenance_mut::<c_void>(address), |symbol| {
            let function = symbol.name().map(|name| format!("{name:#}"));
            let path = symbol.filename().map(|path| path.to_string_lossy().into_owned());
            if let Some(function) = function {
                frames.push(frame(function, path, symbol.lineno().map(u64::from), options));
            }
        });
        let frames: Arc<[Frame]> = frames.into();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // A program that loads and unloads code for ever begins anew.
        if known.len() >= Self::KEPT {
            known.clear();
        }
        known.insert(address, Arc::clone(&frames));
        frames
    }
}

/// The stack that an error carries as text, outermost first, as `std::backtrace` and the `backtrace` crate write it.
pub(super) fn parse(text: &str, options: &ClientOptions) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(last) = frames.last_mut() {
                // `path:line:column`, and the path may have colons of its own.
                let mut parts = place.rsplitn(3, ':');
                let (_column, line, path) = (parts.next(), parts.next(), parts.next());
                let function = last.function.take().unwrap_or_default();
                *last = frame(function, path.map(str::to_owned), line.and_then(|line| line.parse().ok()), options);
            }
        } else if let Some((number, function)) = line.split_once(": ")
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            // Some print the address before the name.
            let function = match function.split_once(" - ") {
                Some((address, name)) if address.starts_with("0x") => name,
                _ => function,
            };
            frames.push(frame(function.to_owned(), None, None, options));
        } else if !frames.is_empty() && !line.is_empty() && !line.starts_with("note:") {
            // A function that was inlined has no number of its own.
            frames.push(frame(line.to_owned(), None, None, options));
        }
        if frames.len() >= DEEPEST {
            break;
        }
    }
    own_part(frames.into_iter())
}

fn frame(mut function: String, path: Option<String>, line: Option<u64>, options: &ClientOptions) -> Frame {
    // The hash that tells two builds of one function apart.
    if let Some((name, hash)) = function.rsplit_once("::h")
        && hash.len() == 16
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        function.truncate(name.len());
    }
    let in_app = is_own(&function, path.as_deref(), options);
    let (filename, abs_path) = match path {
        Some(path) if in_app == Some(false) => (Some(short(&path).to_owned()), None),
        Some(path) => (Some(short(&path).to_owned()), Some(path)),
        None => (None, None),
    };
    Frame {
        package: package(&function).map(str::to_owned),
        function: Some(whole_or_ends(function)),
        filename,
        abs_path,
        lineno: line,
        in_app,
        ..Frame::default()
    }
}

/// What Sentry takes of a function's name, in characters; the rest it would cut off at the end, where the name itself stands.
const LONGEST_NAME: usize = 256;

/// The name of a generic function may be longer than that: then the middle goes, which holds the parameters' types.
fn whole_or_ends(function: String) -> String {
    let length = function.chars().count();
    if length <= LONGEST_NAME {
        return function;
    }
    let kept = (LONGEST_NAME - 1) / 2;
    let head = function.chars().take(kept);
    head.chain(std::iter::once('…')).chain(function.chars().skip(length - kept)).collect()
}

/// Where the function's own name begins, behind what marks an implementation.
fn bare(function: &str) -> &str {
    function.trim_start_matches("_<").trim_start_matches(['<', '&'])
}

fn package(function: &str) -> Option<&str> {
    let name = bare(function);
    let end = name.find("::")?;
    name[..end].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_').then(|| &name[..end])
}

/// Whether a function is the program's own: what the options say, then where its source lies.
fn is_own(function: &str, path: Option<&str>, options: &ClientOptions) -> Option<bool> {
    let name = bare(function);
    let in_one_of = |modules: &[&'static str]| modules.iter().any(|module| name.starts_with(bare(module)));
    if in_one_of(&options.in_app_include) {
        return Some(true);
    }
    let foreign =
        in_one_of(&options.in_app_exclude) || is_one_of(name, &["std::", "core::", "alloc::"]) || is_ours(name);
    match path {
        _ if foreign => Some(false),
        Some(path) => {
            let path = path.replace('\\', "/");
            let is_elsewhere = path.starts_with("/rustc/")
                || ["/registry/src/", "/git/checkouts/", "/rustlib/src/"].iter().any(|folder| path.contains(folder));
            Some(!is_elsewhere)
        }
        None => None,
    }
}

/// The part of a path that says something: from the package on, without the machine's own folders.
fn short(path: &str) -> &str {
    for folder in ["/registry/src/", "/git/checkouts/", "/rustlib/src/rust/", "/rustc/"] {
        if let Some((_, rest)) = path.split_once(folder) {
            return match folder {
                "/rustlib/src/rust/" => rest,
                // The registry's name, the checkout's, the commit of the standard library.
                _ => rest.split_once('/').map_or(rest, |(_, rest)| rest),
            };
        }
    }
    // The folder above `src` is the package's.
    let Some(at) = path.rfind("/src/") else { return path.rsplit(['/', '\\']).next().unwrap_or(path) };
    path[..at].rfind('/').map_or(&path[at + 1..], |parent| &path[parent + 1..])
}

fn is_one_of(name: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| name.starts_with(prefix))
}

fn is_ours(name: &str) -> bool {
    is_one_of(name, &OURS)
}

/// Where our own source lies, and how the paths of frames in it begin when it comes from a registry. Functions that were inlined
/// have but their last name: their place tells whose they are.
const OUR_SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
const OUR_PACKAGE: &str = concat!(env!("CARGO_PKG_NAME"), "-", env!("CARGO_PKG_VERSION"), "/src/");

/// Where the standard library's source lies, the SDK's, and that of what takes the stack.
const WAY: [&str; 3] = ["library/", "backtrace-", "sentry-core"];

/// Whether a frame is a wrapper of ours.
fn is_wrapper(frame: &Frame) -> bool {
    frame.function.as_deref().is_some_and(|function| bare(function).starts_with("watchpost::"))
        || frame.abs_path.as_deref().is_some_and(|path| path.starts_with(OUR_SOURCE))
        || frame.filename.as_deref().is_some_and(|path| path.starts_with(OUR_PACKAGE))
}

/// Whether a frame at the inner end of a stack is but the way to us.
fn is_way(frame: &Frame) -> bool {
    let function = bare(frame.function.as_deref().unwrap_or_default());
    is_wrapper(frame)
        || is_ours(function)
        || is_one_of(function, &["std::", "core::", "alloc::"])
        || frame.filename.as_deref().is_some_and(|path| is_one_of(path, &WAY))
}

/// Whether what is outside of this frame is how the program was started.
fn is_start(frame: &Frame) -> bool {
    frame.function.as_deref().is_some_and(|name| STARTERS.iter().any(|starter| name.contains(starter)))
}

/// Of a stack that is told innermost first, the part between the program's start and our own code, outermost first.
fn own_part(frames: impl Iterator<Item = Frame>) -> Vec<Frame> {
    let mut kept: Vec<Frame> =
        frames.take_while(|frame| !is_start(frame)).skip_while(is_way).filter(|frame| !is_wrapper(frame)).collect();
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions(frames: &[Frame]) -> Vec<&str> {
        frames.iter().filter_map(|frame| frame.function.as_deref()).collect()
    }

    #[test]
    fn a_stack_told_as_text() {
        let text = "   0: anyhow::error::<impl anyhow::Error>::msg::h0123456789abcdef
             at /home/a/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/anyhow-1.0.1/src/error.rs:83:36
   1: app::pay::charge
             at ./src/pay.rs:12:9
   2: app::main::{{closure}}
      app::main
             at C:\\app\\src\\main.rs:4:5
   3: std::sys::backtrace::__rust_begin_short_backtrace
   4: _start
note: Some details are omitted";
        let frames = parse(text, &ClientOptions::new());
        assert_eq!(
            functions(&frames),
            ["app::main", "app::main::{{closure}}", "app::pay::charge", "anyhow::error::<impl anyhow::Error>::msg"]
        );
        let told: Vec<_> = frames.iter().map(|frame| (frame.filename.as_deref(), frame.lineno, frame.in_app)).collect();
        assert_eq!(
            told,
            [
                (Some("main.rs"), Some(4), Some(true)),
                (None, None, None),
                (Some("src/pay.rs"), Some(12), Some(true)),
                (Some("anyhow-1.0.1/src/error.rs"), Some(83), Some(false)),
            ]
        );
        assert_eq!(frames[2].package.as_deref(), Some("app"));
        assert_eq!(parse("disabled backtrace", &ClientOptions::new()), []);
    }

    #[test]
    fn paths_are_told_from_the_package_on() {
        for (path, is) in [
            ("/rustc/59807616e1fa/library/core/src/result.rs", "library/core/src/result.rs"),
            ("/root/.rustup/toolchains/stable/lib/rustlib/src/rust/library/std/src/rt.rs", "library/std/src/rt.rs"),
            ("/home/a/work/shop/src/pay/mod.rs", "shop/src/pay/mod.rs"),
            ("/home/a/.cargo/git/checkouts/x-1/abc/src/lib.rs", "abc/src/lib.rs"),
            ("/tmp/main.rs", "main.rs"),
        ] {
            assert_eq!(short(path), is);
        }
    }

    #[test]
    fn options_say_what_is_in_the_app() {
        let options = ClientOptions::new().in_app_include(["dep::"]).in_app_exclude(["app::vendored"]);
        assert_eq!(is_own("<dep::X as dep::Y>::z", Some("/registry/src/i/dep/src/lib.rs"), &options), Some(true));
        assert_eq!(is_own("app::vendored::f", Some("/app/src/vendored.rs"), &options), Some(false));
        assert_eq!(is_own("app::f", Some("/app/src/main.rs"), &options), Some(true));
        assert_eq!(is_own("core::iter::f", Some("/app/src/main.rs"), &options), Some(false));
        assert_eq!(is_own("app::f", None, &options), None);
    }

    #[test]
    fn the_way_to_us_is_no_part_of_a_stack_also_where_it_was_inlined() {
        let text = "   0: capture_event
             at /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/sentry-core-0.49.5/src/hub.rs:87:22
   1: core::ops::function::FnOnce::call_once
             at /rustc/59807616e1fa/library/core/src/ops/function.rs:250:5
   2: app::pay::charge
             at ./src/pay.rs:12:9
   3: app::main
             at ./src/main.rs:4:5";
        assert_eq!(functions(&parse(text, &ClientOptions::new())), ["app::main", "app::pay::charge"]);
    }

    #[cfg(feature = "backtrace")]
    #[test]
    fn addresses_are_looked_up_once() {
        let (symbols, options) = (Symbols::default(), ClientOptions::new());
        let known = || symbols.known.read().expect("not poisoned").len();
        let mut counts = Vec::new();
        for _ in 0..3 {
            // All of this test is in our own source, and the harness in the standard library's.
            assert_eq!(functions(&symbols.stack(&options)), [""; 0]);
            counts.push(known());
        }
        assert!(counts[0] > 0, "{counts:?}");
        assert_eq!(counts[1], counts[2], "nothing new the third time");
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_ends() {
        let long = format!("<axum::Handler<{}> as Service>::call", "é, ".repeat(200));
        let cut = whole_or_ends(long.clone());
        assert_eq!(cut.chars().count(), 255);
        assert!(cut.starts_with("<axum::Handler<é") && cut.ends_with("as Service>::call") && cut.contains('…'));
        assert_eq!(whole_or_ends("shop::pay".to_owned()), "shop::pay");
    }
}
