//! Commands as they were packed for the wire: all that a synchronous connection is given of a pipeline.

use super::command::Command;

/// How many commands of a pipeline are looked at.
const LOOKED_AT: usize = 10_000;

/// The commands of a packed request. What cannot be read ends them.
pub(super) fn commands(packed: &[u8]) -> Vec<Command<'_>> {
    let mut rest = packed;
    std::iter::from_fn(|| command(&mut rest)).take(LOOKED_AT).collect()
}

/// An array of bulk strings: `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`.
fn command<'a>(rest: &mut &'a [u8]) -> Option<Command<'a>> {
    let count = length(rest, b'*')?;
    let mut args = Vec::with_capacity(count.min(16));
    for _ in 0..count {
        let length = length(rest, b'$')?;
        let (arg, after) = rest.split_at_checked(length)?;
        *rest = after.strip_prefix(b"\r\n")?;
        args.push(arg);
    }
    Some(Command::from_args(args.into_iter()))
}

fn length(rest: &mut &[u8], mark: u8) -> Option<usize> {
    let line = rest.strip_prefix(&[mark])?;
    let end = line.iter().position(|byte| *byte == b'\r')?;
    let (digits, after) = line.split_at_checked(end)?;
    *rest = after.strip_prefix(b"\r\n")?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(packed: &[u8]) -> Vec<String> {
        commands(packed).into_iter().map(|command| command.name).collect()
    }

    #[test]
    fn what_the_crate_packs_is_read() {
        let mut pipe = redis::pipe();
        pipe.atomic().cmd("SET").arg("a").arg("b\r\n$1\r\n").cmd("get").arg("a");
        assert_eq!(names(&pipe.get_packed_pipeline()), ["MULTI", "SET", "GET", "EXEC"]);
        let single = redis::cmd("MGET").arg(&["a", ""]).get_packed_command();
        let commands = commands(&single);
        assert_eq!(commands[0].keys(), [&b"a"[..], b""]);
    }

    #[test]
    fn what_is_no_request_ends_it() {
        for packed in
            [&b""[..], b"PING\r\n", b"*1\r\n$99\r\nGET\r\n", b"*9999999999999999999999\r\n", b"*1\r\n$-1\r\n", b"*1"]
        {
            assert!(names(packed).is_empty(), "{packed:?}");
        }
        assert_eq!(names(b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPI"), ["PING"]);
    }
}
