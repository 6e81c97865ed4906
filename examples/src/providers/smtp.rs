//! A small mail server: enough of RFC 5321 to take a message, to refuse it, and to put it off.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What the server says to a recipient.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A code and a text; with a code of 2xx it takes messages for them.
    Say(u16, String),
    /// Nothing: it closes the connection.
    HangUp,
}

/// Says what becomes of messages to an address.
pub(super) trait Mailboxes: Send + Sync + 'static {
    fn answer(&self, address: &str) -> Answer;
}

/// A longer line is no command, and no line of a message.
const LINE: u64 = 1000;

/// Serves whoever connects, until it is dropped.
pub(super) async fn serve(listener: TcpListener, mailboxes: impl Mailboxes) {
    let mailboxes = Arc::new(mailboxes);
    let mut sessions = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let mailboxes = Arc::clone(&mailboxes);
        // Who goes away in the middle of a session has sent nothing.
        sessions.spawn(async move { session(stream, &*mailboxes).await.is_ok() });
        while sessions.try_join_next().is_some() {}
    }
}

async fn session(mut stream: TcpStream, mailboxes: &impl Mailboxes) -> io::Result<()> {
    let peer = stream.peer_addr()?;
    let (read, write) = stream.split();
    Session { lines: BufReader::new(read), out: write, peer, has_sender: false, recipients: 0 }.run(mailboxes).await
}

/// What one client has said so far.
struct Session<R, W> {
    lines: R,
    out: W,
    peer: SocketAddr,
    has_sender: bool,
    recipients: usize,
}

impl<R: AsyncBufRead + Unpin, W: AsyncWrite + Unpin> Session<R, W> {
    async fn run(&mut self, mailboxes: &impl Mailboxes) -> io::Result<()> {
        self.say(220, "mail.example ESMTP").await?;
        while let Some(line) = self.line().await? {
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => {
                    self.reset();
                    let peer = self.peer.ip();
                    self.say(250, &format!("mail.example greets {peer}")).await?;
                }
                "MAIL" if self.has_sender => self.say(503, "5.5.1 one sender is enough").await?,
                "MAIL" => match path(rest, "FROM:") {
                    Some(_) => {
                        self.has_sender = true;
                        self.say(250, "2.1.0 fine").await?;
                    }
                    None => self.say(501, "5.5.4 MAIL FROM:<address>").await?,
                },
                "RCPT" if !self.has_sender => self.say(503, "5.5.1 from whom?").await?,
                "RCPT" => match path(rest, "TO:").map(|to| mailboxes.answer(to)) {
                    Some(Answer::Say(code, text)) => {
                        self.recipients += usize::from(code / 100 == 2);
                        self.say(code, &text).await?;
                    }
                    Some(Answer::HangUp) => return Ok(()),
                    None => self.say(501, "5.5.4 RCPT TO:<address>").await?,
                },
                "DATA" if self.recipients == 0 => self.say(503, "5.5.1 to whom?").await?,
                "DATA" => {
                    self.say(354, "end with a dot on a line of its own").await?;
                    while self.line().await?.ok_or(io::ErrorKind::UnexpectedEof)? != "." {}
                    self.reset();
                    self.say(250, "2.0.0 taken").await?;
                }
                "RSET" => {
                    self.reset();
                    self.say(250, "2.0.0 fine").await?;
                }
                "NOOP" => self.say(250, "2.0.0 fine").await?,
                "QUIT" => return self.say(221, "2.0.0 bye").await,
                _ => self.say(502, "5.5.1 what?").await?,
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        (self.has_sender, self.recipients) = (false, 0);
    }

    async fn say(&mut self, code: u16, text: &str) -> io::Result<()> {
        self.out.write_all(format!("{code} {text}\r\n").as_bytes()).await
    }

    /// The next line without its end; none where there is no more.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        (&mut self.lines).take(LINE).read_until(b'\n', &mut line).await?;
        match line.strip_suffix(b"\r\n") {
            Some(line) => Ok(Some(String::from_utf8_lossy(line).into_owned())),
            None if line.is_empty() => Ok(None),
            None => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// The address of `FROM:<address> PARAMETERS`.
fn path<'a>(rest: &'a str, word: &str) -> Option<&'a str> {
    let (begin, rest) = rest.split_at_checked(word.len())?;
    let (address, _) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    begin.eq_ignore_ascii_case(word).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Mailboxes for Nobody {
        fn answer(&self, address: &str) -> Answer {
            match address.split_once('@') {
                Some(("hangs-up", _)) => Answer::HangUp,
                Some(("nobody", _)) => Answer::Say(550, format!("no {address}")),
                _ => Answer::Say(250, "fine".to_owned()),
            }
        }
    }

    /// The codes that a client is answered with who says all this.
    async fn codes(said: &str) -> Vec<u16> {
        let mut out = Vec::new();
        let peer = SocketAddr::from(([127, 0, 0, 1], 25));
        let mut session = Session { lines: said.as_bytes(), out: &mut out, peer, has_sender: false, recipients: 0 };
        // A session that is broken off has been answered up to there.
        let _ = session.run(&Nobody).await;
        String::from_utf8(out).unwrap().lines().map(|line| line[..3].parse().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_message_is_taken_and_so_is_the_next() {
        let message =
            "MAIL FROM:<shop@a.example> SIZE=10\r\nrcpt to:<eve@b.example>\r\nDATA\r\nDear RCPT,\r\n..\r\n.\r\n";
        let said = format!("EHLO [127.0.0.1]\r\n{message}{message}QUIT\r\nNOOP\r\n");
        assert_eq!(codes(&said).await, [220, 250, 250, 250, 354, 250, 250, 250, 354, 250, 221]);
    }

    #[tokio::test]
    async fn what_is_out_of_order_or_no_command_is_refused() {
        assert_eq!(codes("RCPT TO:<a@b.example>\r\nDATA\r\nVRFY x\r\n").await, [220, 503, 503, 502]);
        assert_eq!(
            codes("MAIL eve\r\nMAIL FROM:eve\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\n").await,
            [220, 501, 501, 250, 503]
        );
        let refused = "MAIL FROM:<>\r\nRCPT TO:<nobody@b.example>\r\nDATA\r\nRSET\r\nRCPT TO:<a@b.example>\r\n";
        assert_eq!(codes(refused).await, [220, 250, 550, 503, 250, 503]);
        assert_eq!(codes("MAIL FROM:<>\r\nRCPT TO:<hangs-up@b.example>\r\nNOOP\r\n").await, [220, 250]);
        assert_eq!(codes(&"x".repeat(2000)).await, [220]);
    }
}
