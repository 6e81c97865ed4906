//! The stack of an error: the annotated functions that are open, and the machine's own stack where that is wanted.

use sentry_core::protocol::{Frame, Map, Stacktrace, Value};

use super::once::{Extent, OpenCalls};
use crate::CallSite;

/// An annotated function that is open.
#[derive(Debug)]
pub(super) struct Annotated {
    pub site: &'static CallSite,
    /// The arguments that it named.
    pub vars: Map<String, Value>,
}

impl Annotated {
    fn into_frame(self, line: Option<u64>) -> Frame {
        let site = self.site;
        Frame {
            function: Some(site.function().to_owned()),
            module: Some(site.module().to_owned()),
            filename: Some(site.file().to_owned()),
            lineno: Some(line.unwrap_or_else(|| u64::from(site.line()))),
            in_app: Some(true),
            vars: self.vars,
            ..Frame::default()
        }
    }

    /// Whether a frame of the machine's stack belongs to this function: to its wrapper or to the body within.
    fn is(&self, frame: &Frame) -> bool {
        let function = frame.function.as_deref().unwrap_or_default();
        let own = self.site.function().rsplit("::").next().unwrap_or_default();
        self.is_in_place(frame)
            && function.match_indices(own).any(|(at, _)| {
                let (before, after) = (&function[..at], &function[at + own.len()..]);
                // One that was inlined is told by its last name alone.
                (before.is_empty() || before.ends_with("::"))
                    && (after.is_empty() || after.starts_with("::") || after.starts_with('<'))
            })
    }

    /// Whether a frame that follows on this function's own is its body, inlined: nothing is left of its name.
    fn is_body(&self, frame: &Frame) -> bool {
        let is_nameless = frame.function.as_deref().is_some_and(|function| function.starts_with("{closure"));
        is_nameless && self.is_in_place(frame) && frame.lineno.is_some_and(|line| line >= u64::from(self.site.line()))
    }

    fn is_in_place(&self, frame: &Frame) -> bool {
        match frame.abs_path.as_deref() {
            Some(path) => is_end_of_path(path, self.site.file()),
            None => {
                let function = frame.function.as_deref().unwrap_or_default();
                function.trim_start_matches(['<', '_']).starts_with(crate_of(self.site.module()))
            }
        }
    }
}

fn crate_of(module: &str) -> &str {
    // One character is looked for many times faster than two.
    module.split(':').next().unwrap_or(module)
}

fn is_end_of_path(path: &str, end: &str) -> bool {
    let same = |(a, b): (u8, u8)| a == b || (matches!(a, b'/' | b'\\') && matches!(b, b'/' | b'\\'));
    let Some(start) = path.len().checked_sub(end.len()) else { return false };
    path.bytes().skip(start).zip(end.bytes()).all(same)
        && (start == 0 || matches!(path.as_bytes()[start - 1], b'/' | b'\\'))
}

/// The annotated functions that are open, outermost first, without their arguments: where an event of anybody's was captured.
pub(super) fn open(calls: &dyn OpenCalls) -> Vec<Annotated> {
    let mut open = Vec::new();
    calls.each(&mut |call| {
        if let Extent::Call(site) = call.extent
            && is_function(site)
        {
            open.push(Annotated { site, vars: Map::new() });
        }
        true
    });
    open.reverse();
    open
}

/// A task that was built at run time is no function, and so no frame.
pub(super) fn is_function(site: &CallSite) -> bool {
    !site.function().is_empty()
}

/// One stack of both, outermost first; none where there is no frame at all, since Sentry discards an event's empty list.
///
/// An annotated function takes the place of its frames on the machine's stack, the wrapper's and the body's, and says where
/// in it the stack goes on. One that is not on the machine's stack (it is another task that waits, or a future whose frame
/// has lost its name) stands where it belongs by the order of calls: before the machine's frames of the next that is, and
/// innermost where there is none.
pub(super) fn of(annotated: Vec<Annotated>, machine: Vec<Frame>) -> Option<Stacktrace> {
    if machine.is_empty() {
        let frames: Vec<_> = annotated.into_iter().map(|call| call.into_frame(None)).collect();
        return (!frames.is_empty()).then(|| Stacktrace { frames, ..Stacktrace::default() });
    }
    let mut frames = Vec::with_capacity(machine.len().max(annotated.len()));
    let mut machine = machine.into_iter().peekable();
    let mut inner = annotated.len();
    // Those further in than the last that was found are nearer to the error than anything of the machine's.
    while let Some(call) = inner.checked_sub(1).and_then(|last| annotated.get(last)) {
        if machine.clone().any(|frame| call.is(&frame)) {
            break;
        }
        inner -= 1;
    }
    for (at, call) in annotated.into_iter().enumerate() {
        if at == inner {
            frames.extend(machine.by_ref());
        }
        if let Some(ahead) = machine.clone().position(|frame| call.is(&frame)) {
            frames.extend(machine.by_ref().take(ahead));
        }
        let mut line = None;
        while let Some(own) = machine.next_if(|frame| call.is(frame) || call.is_body(frame)) {
            line = own.lineno.or(line);
        }
        frames.push(call.into_frame(line));
    }
    frames.extend(machine);
    (!frames.is_empty()).then(|| Stacktrace { frames, ..Stacktrace::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::Kind;

    static OUTER: CallSite = CallSite::new(Kind::ERRORS, "outer", "outer", "app::booking", "app/src/booking.rs", 10);
    static INNER: CallSite = CallSite::new(Kind::ERRORS, "inner", "Gateway::charge", "app::pay", "app/src/pay.rs", 20);

    fn calls() -> Vec<Annotated> {
        [&OUTER, &INNER].map(|site| Annotated { site, vars: Map::new() }).into()
    }

    fn machine(function: &str, path: &str, line: u64) -> Frame {
        Frame { function: Some(function.into()), abs_path: Some(path.into()), lineno: Some(line), ..Frame::default() }
    }

    fn told(stack: &Stacktrace) -> Vec<(String, u64)> {
        stack
            .frames
            .iter()
            .map(|frame| (frame.function.clone().unwrap_or_default(), frame.lineno.unwrap_or(0)))
            .collect()
    }

    #[test]
    fn annotated_functions_alone() {
        let stack = of(calls(), Vec::new()).expect("two frames");
        assert_eq!(told(&stack), [("outer".into(), 10), ("Gateway::charge".into(), 20)]);
        let frame = &stack.frames[1];
        assert_eq!(frame.module.as_deref(), Some("app::pay"));
        assert_eq!((frame.filename.as_deref(), frame.in_app), (Some("app/src/pay.rs"), Some(true)));
        assert!(of(Vec::new(), Vec::new()).is_none());
    }

    #[test]
    fn annotated_functions_take_the_place_of_their_frames() {
        let stack = of(
            calls(),
            vec![
                machine("app::main", "/home/a/app/src/main.rs", 3),
                machine("outer", "/home/a/app/src/booking.rs", 9),
                machine("{closure#0}", "/home/a/app/src/booking.rs", 12),
                machine("app::plain", "/home/a/app/src/plain.rs", 5),
                machine("<app::pay::Gateway<T> as app::pay::Pay>::charge", "C:\\a\\app\\src\\pay.rs", 21),
                machine("app::late", "/home/a/app/src/late.rs", 1),
            ],
        );
        let lines = [("app::main", 3), ("outer", 12), ("app::plain", 5), ("Gateway::charge", 21), ("app::late", 1)];
        assert_eq!(told(&stack.expect("frames")), lines.map(|(function, line)| (function.to_owned(), line)));
    }

    #[test]
    fn one_that_is_not_on_the_stack_stands_in_the_order_of_calls() {
        let stack = of(calls(), vec![machine("<app::pay::Gateway as app::Pay>::charge", "/x/app/src/pay.rs", 22)]);
        assert_eq!(told(&stack.expect("frames")), [("outer".into(), 10), ("Gateway::charge".into(), 22)]);
        let stack = of(calls(), vec![machine("app::booking::outer_space", "/x/app/src/booking.rs", 7)]);
        let lines = [("app::booking::outer_space", 7), ("outer", 10), ("Gateway::charge", 20)];
        assert_eq!(told(&stack.expect("frames")), lines.map(|(function, line)| (function.to_owned(), line)));
    }
}
