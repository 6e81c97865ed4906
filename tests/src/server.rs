//! A small server that records envelopes, and can fail in every way that a real one does.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How a request is answered.
#[derive(Debug, Clone)]
pub enum Mode {
    /// With this status and these headers.
    Status(u16, Vec<(&'static str, &'static str)>),
    /// With 200, after this time.
    Slow(Duration),
    /// Read, and never answered.
    Hang,
    /// Cut off with a reset before the body is read.
    Reset,
    /// Read, and closed without an answer.
    Close,
    /// With these bytes, then closed.
    Bytes(&'static str),
}

impl Mode {
    /// 200 and nothing more.
    pub fn ok() -> Self {
        Self::Status(200, Vec::new())
    }
}

/// One item of an envelope.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its header.
    pub header: Value,
    /// Its payload, where that is JSON.
    pub payload: Value,
}

/// One request that was read to its end.
#[derive(Debug, Clone)]
pub struct Request {
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
    /// The envelope's header.
    pub envelope: Value,
    /// The envelope's items.
    pub items: Vec<Item>,
    /// When it was read.
    pub at: Instant,
    /// How it is answered.
    pub mode: Mode,
}

#[derive(Debug, Default)]
struct State {
    plan: VecDeque<Mode>,
    last: Option<Mode>,
    requests: Vec<Request>,
    broken: usize,
    connections: Vec<TcpStream>,
}

/// A server on a free port of this machine, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    state: Arc<(Mutex<State>, Condvar)>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    /// Answers 200 until told otherwise.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let theirs = Arc::clone(&state);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if Arc::strong_count(&theirs) == 1 {
                    return;
                }
                let state = Arc::clone(&theirs);
                thread::spawn(move || drop(serve(stream, &state)));
            }
        });
        Self { address, state }
    }

    /// A DSN of this server.
    pub fn dsn(&self) -> String {
        format!("http://public@{}/42", self.address)
    }

    /// The address of this server as a URL.
    pub fn url(&self) -> String {
        format!("http://{}/stream", self.address)
    }

    /// A DSN of a port where nobody listens.
    pub fn refusing() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        format!("http://public@{address}/42")
    }

    /// From now on, one answer a request; the last one stays.
    pub fn answer(&self, plan: impl IntoIterator<Item = Mode>) -> &Self {
        let mut state = lock(&self.state.0);
        state.plan = plan.into_iter().collect();
        state.last = None;
        drop(state);
        self
    }

    /// What was read so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.state.0).requests.clone()
    }

    /// How many bodies were no envelopes.
    pub fn broken(&self) -> usize {
        lock(&self.state.0).broken
    }

    /// The payloads of the items of one type, in the order in which they came.
    pub fn items(&self, kind: &str) -> Vec<Value> {
        let requests = self.requests();
        let items = requests.into_iter().flat_map(|request| request.items);
        items.filter(|item| item.header["type"] == kind).map(|item| item.payload).collect()
    }

    /// Everything that was read, as text.
    pub fn bytes(&self) -> String {
        self.requests().into_iter().map(|request| request.body).collect()
    }

    /// Waits until as many requests were read; false after ten seconds.
    pub fn wait_for(&self, requests: usize) -> bool {
        let until = Instant::now() + Duration::from_secs(10);
        let mut state = lock(&self.state.0);
        while state.requests.len() < requests {
            let Some(left) = until.checked_duration_since(Instant::now()) else { return false };
            state = self.state.1.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for stream in lock(&self.state.0).connections.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        // The listener's thread sees at its next connection that it is alone.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: TcpStream, shared: &(Mutex<State>, Condvar)) -> std::io::Result<()> {
    lock(&shared.0).connections.push(stream.try_clone()?);
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let Some(headers) = read_head(&mut reader)? else { return Ok(()) };
        let length = header(&headers, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let mode = {
            let mut state = lock(&shared.0);
            let next = state.plan.pop_front().or_else(|| state.last.clone()).unwrap_or_else(Mode::ok);
            state.last = Some(next.clone());
            next
        };
        if matches!(mode, Mode::Reset) {
            // Closed with the body unread: the other side gets a reset, once no clone is left.
            let peer = writer.peer_addr()?;
            lock(&shared.0).connections.retain(|known| known.peer_addr().is_ok_and(|known| known != peer));
            return Ok(());
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        keep(&body)?;
        match parse(&body) {
            Some((envelope, items)) => {
                let request = Request { headers, body, envelope, items, at: Instant::now(), mode: mode.clone() };
                lock(&shared.0).requests.push(request);
            }
            None => lock(&shared.0).broken += 1,
        }
        shared.1.notify_all();
        match mode {
            Mode::Status(code, headers) => answer(&mut writer, code, &headers)?,
            Mode::Slow(time) => {
                thread::sleep(time);
                answer(&mut writer, 200, &[])?;
            }
            Mode::Hang => {
                let _ = reader.read(&mut [0]);
                return Ok(());
            }
            Mode::Bytes(bytes) => {
                writer.write_all(bytes.as_bytes())?;
                return writer.shutdown(Shutdown::Both);
            }
            Mode::Close | Mode::Reset => return writer.shutdown(Shutdown::Both),
        }
    }
}

/// A copy where those that `watchpost::testing` makes are.
fn keep(body: &str) -> std::io::Result<()> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let Some(folder) = std::env::var_os("WATCHPOST_TEST_ENVELOPES") else { return Ok(()) };
    let name = format!("{}-{}.envelope", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    std::fs::write(Path::new(&folder).join(name), body)
}

fn read_head(reader: &mut impl BufRead) -> std::io::Result<Option<Vec<(String, String)>>> {
    let mut headers = Vec::new();
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => return Ok(Some(headers)),
        }
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn answer(writer: &mut impl Write, code: u16, headers: &[(&str, &str)]) -> std::io::Result<()> {
    let mut text = format!("HTTP/1.1 {code} Whatever\r\nContent-Length: 2\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n{}");
    writer.write_all(text.as_bytes())
}

/// Reads an envelope by its own rules: a header line, then items, each with a length or up to the next line's end.
pub fn parse(body: &str) -> Option<(Value, Vec<Item>)> {
    let (head, mut rest) = body.split_once('\n').unwrap_or((body, ""));
    let mut items = Vec::new();
    while !rest.trim().is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let header: Value = serde_json::from_str(line).ok()?;
        let length = header["length"].as_u64().map(|length| length as usize);
        let end = length.unwrap_or_else(|| after.find('\n').unwrap_or(after.len()));
        let payload = after.get(..end)?;
        let attachment = header["type"] == "attachment";
        let payload = if attachment { Value::Null } else { serde_json::from_str(payload).ok()? };
        items.push(Item { header, payload });
        rest = after[end..].strip_prefix('\n').unwrap_or(&after[end..]);
    }
    Some((serde_json::from_str(head).ok()?, items))
}
