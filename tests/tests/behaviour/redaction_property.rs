//! Secrets of every kind, planted at random places of random items: none is found in the bytes that leave.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sentry_core::Envelope;
use sentry_core::protocol::{
    Attachment, Breadcrumb, Context, EnvelopeItem, Event, Exception, Frame, ItemContainer, Log, LogAttribute, LogEntry,
    LogLevel, Map, Mechanism, Metric, MetricType, MonitorCheckIn, MonitorCheckInStatus, MonitorConfig, MonitorSchedule,
    Request, ResponseContext, Span, Stacktrace, TemplateInfo, Thread, TraceContext, Transaction, User, Value,
};
use watchpost::redact::{Mode, Redactor};

const CLEAN: &str = include_str!("../../corpus/clean.txt");
const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const WORD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Hands out texts and values; now and then one with a secret, of which it keeps a note.
struct Planter {
    state: u64,
    clean: Vec<&'static str>,
    planted: Vec<String>,
}

impl Planter {
    fn new(seed: u64) -> Self {
        Self { state: seed | 1, clean: CLEAN.lines().collect(), planted: Vec::new() }
    }

    /// Xorshift: a failure is repeated by its seed.
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn one_of<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len())]
    }

    fn word(&mut self, letters: &[u8], length: usize) -> String {
        (0..length).map(|_| letters[self.below(letters.len())] as char).collect()
    }

    fn clean(&mut self) -> String {
        let place = self.below(self.clean.len());
        self.clean[place].to_owned()
    }

    fn keep(&mut self, secret: String) -> String {
        self.planted.push(secret.clone());
        secret
    }

    /// A value that nobody could take for a word.
    fn value(&mut self) -> String {
        let length = 9 + self.below(12);
        let value = self.word(WORD, length) + &self.word(DIGITS, 2);
        self.keep(value)
    }

    fn card(&mut self) -> String {
        let (prefix, length) = [
            ("4", 16),
            ("4", 13),
            ("51", 16),
            ("5555", 16),
            ("2223", 16),
            ("34", 15),
            ("37", 15),
            ("6011", 16),
            ("3530", 16),
            ("36", 14),
            ("62", 19),
        ][self.below(11)];
        let mut number = prefix.to_owned() + &self.word(DIGITS, length - 1 - prefix.len());
        let sum: u32 = number.bytes().rev().enumerate().fold(0, |sum, (place, digit)| {
            let digit = u32::from(digit - b'0') << (1 - place % 2);
            sum + if digit > 9 { digit - 9 } else { digit }
        });
        number.push((b'0' + ((10 - sum % 10) % 10) as u8) as char);
        let separator = self.one_of(&["", "", " ", "-"]);
        let groups: Vec<&str> = match number.len() {
            15 => vec![&number[..4], &number[4..10], &number[10..]],
            14 => vec![&number[..4], &number[4..10], &number[10..]],
            _ => (0..number.len()).step_by(4).map(|at| &number[at..number.len().min(at + 4)]).collect(),
        };
        groups.join(separator)
    }

    fn iban(&mut self) -> String {
        let (country, length, bank) = [
            ("DE", 22, ""),
            ("GB", 22, "NWBK"),
            ("NL", 18, "ABNA"),
            ("FR", 27, ""),
            ("NO", 15, ""),
            ("MT", 31, "MALT"),
        ][self.below(6)];
        let account = bank.to_owned() + &self.word(DIGITS, length - 4 - bank.len());
        let rest = |check: u32| {
            format!("{account}{country}{check:02}").bytes().fold(0, |rest, byte| match byte {
                b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
                _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
            })
        };
        let check = 98 - rest(0);
        let iban = format!("{country}{check:02}{account}");
        if self.below(2) == 0 {
            return iban;
        }
        let groups: Vec<&str> = (0..iban.len()).step_by(4).map(|at| &iban[at..iban.len().min(at + 4)]).collect();
        groups.join(" ")
    }

    /// A secret by its shape, and the text that must be gone.
    fn shaped(&mut self) -> String {
        let secret = match self.below(10) {
            0 => self.card(),
            1 => self.iban(),
            2 => {
                let length = 3 + self.below(8);
                let host = self.one_of(&["example.com", "mail.example.co.uk", "exämple.de", "a-b.io"]);
                format!("{}.{}@{host}", self.word(LETTERS, length), self.word(WORD, 4))
            }
            3 => format!("eyJ{}.{}.{}", self.word(WORD, 17), self.word(WORD, 30), self.word(WORD, 43)),
            4 => format!("{}-{:02}-{:04}", 100 + self.below(500), 1 + self.below(99), 1 + self.below(9999)),
            5 => {
                let prefix = self.one_of(&[
                    "sk_live_",
                    "sk_test_",
                    "rk_live_",
                    "ghp_",
                    "gho_",
                    "github_pat_",
                    "xoxb-",
                    "xoxp-",
                    "SG.",
                    "AIza",
                    "glpat-",
                    "npm_",
                    "sk-ant-",
                ]);
                prefix.to_owned() + &self.word(WORD, 36)
            }
            6 => self.one_of(&["AKIA", "ASIA"]).to_owned() + &self.word(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
            7 => {
                let body = self.word(WORD, 64);
                self.planted.push(body.clone());
                return format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----");
            }
            8 => {
                let token = self.value();
                let scheme = self.one_of(&["Bearer", "bearer", "BEARER"]);
                return format!("{scheme} {token}");
            }
            _ => {
                let (user, password) = (self.word(LETTERS, 5), self.value());
                let scheme = self.one_of(&["postgres", "https", "redis", "amqp"]);
                return format!("{scheme}://{user}:{password}@db.internal:5432/app");
            }
        };
        self.keep(secret)
    }

    fn key(&mut self) -> &'static str {
        self.one_of(&[
            "password",
            "userPassword",
            "X-Api-Key",
            "apiKey",
            "client_secret",
            "token",
            "access-token",
            "refreshToken",
            "Authorization",
            "cookie",
            "session_id",
            "card_number",
            "cvv",
            "pin",
            "ssn",
            "iban",
            "private_key",
            "credentials",
            "PASSWD",
            "aws_secret_access_key",
        ])
    }

    /// A secret by the key before it.
    fn pair(&mut self) -> String {
        let (key, value) = (self.key(), self.value());
        match self.below(9) {
            0 => format!("{key}={value}"),
            1 => format!("a=1&{key}={value}&b=2"),
            2 => format!("{{\"a\": 1, \"{key}\": \"{value}\"}}"),
            3 => format!("\"{{\\\"{key}\\\":\\\"{value}\\\"}}\""),
            4 => format!("Login {{ {}: \"{value}\" }}", key.replace('-', "_")),
            5 => format!("{key}: {value}"),
            6 => format!("{key} = '{value}'"),
            7 => format!("<{key}>{value}</{key}>"),
            _ => format!("--{} {value}", key.replace('_', "-")),
        }
    }

    fn text(&mut self) -> String {
        let secret = match self.below(6) {
            0 => self.shaped(),
            1 => self.pair(),
            _ => return self.clean(),
        };
        // What stands before and after does not continue what is planted.
        let before = self.one_of(&["", "failed for ", "(", "線", "\n", "x | ", "took 17 ms, ", "[\""]);
        let after = self.one_of(&["", " again", ")", "は", "\n", " | x", ", 17", "\"]"]);
        format!("{before}{secret}{after}")
    }

    fn some(&mut self) -> Option<String> {
        Some(self.text())
    }

    fn json(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 4 } else { 7 }) {
            0 => Value::from(self.below(100_000)),
            1 => Value::from(self.below(2) == 0),
            2 => {
                let card = self.card().replace([' ', '-'], "");
                self.planted.push(card.clone());
                Value::from(card.parse::<u64>().unwrap())
            }
            3 | 4 => Value::from(self.text()),
            5 => (0..self.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => Value::Object(self.map_at(depth - 1).into_iter().collect()),
        }
    }

    fn map(&mut self) -> Map<String, Value> {
        self.map_at(4)
    }

    fn map_at(&mut self, depth: usize) -> Map<String, Value> {
        let mut map = BTreeMap::new();
        for place in 0..self.below(5) {
            let (key, value) = match self.below(8) {
                0 => (self.key().to_owned(), Value::from(self.value())),
                1 => (self.key().to_owned(), serde_json::json!({ "a": [self.value()] })),
                2 => (format!("{}_{}", self.key(), self.word(b"qxz", 3)), Value::from(self.value())),
                3 => (self.shaped(), Value::from(place)),
                4 => ("db.statement".to_owned(), Value::from(self.statement())),
                5 => ("url.full".to_owned(), Value::from(self.url())),
                _ => (format!("field_{place}"), self.json(depth)),
            };
            map.insert(key, value);
        }
        map
    }

    fn strings(&mut self) -> Map<String, String> {
        (0..self.below(4))
            .map(|place| match self.below(4) {
                0 => (self.key().to_owned(), self.value()),
                _ => (format!("name_{place}"), self.text()),
            })
            .collect()
    }

    fn statement(&mut self) -> String {
        let text = self.value();
        self.one_of(&[
            "SELECT a FROM t WHERE b = '{}' AND c = $1",
            "INSERT INTO t (a) VALUES (E'{}'), ($$x$$)",
            "SELECT a -- {}\nFROM t",
            "SELECT a FROM t WHERE b IN ('x', '{}')",
        ])
        .replace("{}", &text)
    }

    fn url(&mut self) -> String {
        let encode = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        match self.below(4) {
            0 => format!("https://example.com/a?{}={}", self.key(), self.value()),
            1 => format!("https://user:{}@example.com/a?b=c", self.value()),
            2 => {
                let card = self.card();
                self.planted.push(card.clone());
                format!("https://example.com/a?q={}&page=2", encode(&card))
            }
            _ => format!("https://example.com/a/{}/b?page=2#access_token={}", encode("x"), self.value()),
        }
    }

    fn stacktrace(&mut self) -> Option<Stacktrace> {
        let frames = (0..self.below(3)).map(|_| Frame {
            filename: Some("src/a.rs".into()),
            pre_context: vec![self.text()],
            context_line: self.some(),
            post_context: vec![self.text()],
            vars: self.map(),
            ..Frame::default()
        });
        Some(Stacktrace { frames: frames.collect(), ..Stacktrace::default() })
    }

    fn contexts(&mut self) -> Map<String, Context> {
        let trace = TraceContext {
            op: Some("function".into()),
            description: self.some(),
            data: self.map(),
            ..TraceContext::default()
        };
        let response = ResponseContext {
            cookies: Some(format!("a={}; b={}", self.value(), self.value())),
            headers: self.strings(),
            data: Some(self.json(3)),
            ..ResponseContext::default()
        };
        Map::from([
            ("trace".to_owned(), Context::Trace(Box::new(trace))),
            ("response".to_owned(), Context::Response(Box::new(response))),
            ("booking".to_owned(), Context::Other(self.map())),
        ])
    }

    fn user(&mut self) -> Option<User> {
        let email = format!("{}@example.com", self.word(LETTERS, 9));
        let username = self.word(LETTERS, 11);
        Some(User {
            id: Some(self.keep(email.clone())),
            email: Some(email),
            username: Some(self.keep(username)),
            ip_address: Some("203.0.113.77".parse().unwrap()),
            other: self.map(),
        })
    }

    fn request(&mut self) -> Option<Request> {
        self.planted.push("203.0.113.77".to_owned());
        let body = match self.below(3) {
            0 => Value::Object(self.map().into_iter().collect()).to_string(),
            1 => format!("a=1&{}={}", self.key(), self.value()),
            _ => self.text(),
        };
        let mut headers = self.strings();
        headers.insert("Referer".into(), self.url());
        Some(Request {
            url: self.url().parse().ok(),
            method: Some("GET".into()),
            data: Some(body),
            query_string: Some(format!("{}={}&b=1", self.key(), self.value())),
            cookies: Some(format!("id={}; theme={}", self.value(), self.value())),
            headers,
            env: Map::from([("REMOTE_ADDR".into(), "203.0.113.77".into())]),
        })
    }

    fn event(&mut self) -> Event<'static> {
        let breadcrumbs: Vec<_> = (0..self.below(4))
            .map(|_| match self.below(3) {
                0 => Breadcrumb {
                    category: Some("query".into()),
                    message: Some(self.statement()),
                    ..Breadcrumb::default()
                },
                _ => Breadcrumb { message: self.some(), data: self.map(), ..Breadcrumb::default() },
            })
            .collect();
        let mechanism =
            Mechanism { ty: "watchpost".into(), description: self.some(), data: self.map(), ..Mechanism::default() };
        Event {
            fingerprint: vec![self.text().into(), "{{ default }}".into()].into(),
            culprit: self.some(),
            transaction: self.some(),
            message: self.some(),
            logentry: Some(LogEntry { message: self.text(), params: vec![self.json(2)] }),
            logger: self.some(),
            server_name: self.some().map(Into::into),
            user: self.user(),
            request: self.request(),
            contexts: self.contexts(),
            breadcrumbs: breadcrumbs.into(),
            exception: vec![Exception {
                ty: "PaymentError::Declined".into(),
                value: self.some(),
                stacktrace: self.stacktrace(),
                mechanism: Some(mechanism),
                ..Exception::default()
            }]
            .into(),
            stacktrace: self.stacktrace(),
            template: Some(TemplateInfo { context_line: self.some(), ..TemplateInfo::default() }),
            threads: vec![Thread { name: self.some(), stacktrace: self.stacktrace(), ..Thread::default() }].into(),
            tags: self.strings(),
            extra: self.map(),
            ..Event::default()
        }
    }

    fn transaction(&mut self) -> Transaction<'static> {
        let spans = (0..self.below(6)).map(|_| {
            let (op, description) = match self.below(4) {
                0 => ("db.sql.query", self.statement()),
                1 => ("http.client", format!("GET {}", self.url())),
                2 => ("db.redis", self.text()),
                _ => ("function", self.text()),
            };
            Span {
                op: Some(op.into()),
                description: Some(description),
                tags: self.strings(),
                data: self.map(),
                ..Span::default()
            }
        });
        Transaction {
            spans: spans.collect(),
            name: self.some(),
            user: self.user(),
            tags: self.strings(),
            extra: self.map(),
            contexts: self.contexts(),
            request: self.request(),
            ..Transaction::default()
        }
    }

    fn attributes(&mut self) -> impl Iterator<Item = (String, LogAttribute)> + use<> {
        let mut map = self.map();
        let (name, email) = (self.word(LETTERS, 11), format!("{}@example.com", self.word(LETTERS, 9)));
        map.insert("user.name".into(), Value::from(self.keep(name)));
        map.insert("user.email".into(), Value::from(self.keep(email)));
        map.into_iter().map(|(key, value)| (key, LogAttribute(value)))
    }

    fn log(&mut self) -> Log {
        Log {
            level: LogLevel::Info,
            body: self.text(),
            trace_id: None,
            timestamp: std::time::SystemTime::UNIX_EPOCH,
            severity_number: None,
            attributes: self.attributes().collect(),
        }
    }

    fn metric(&mut self) -> Metric {
        Metric {
            r#type: MetricType::Counter,
            name: "bookings".into(),
            value: 1.0,
            timestamp: std::time::SystemTime::UNIX_EPOCH,
            trace_id: sentry_core::protocol::TraceId::default(),
            span_id: None,
            unit: None,
            attributes: self.attributes().map(|(key, value)| (key.into(), value)).collect(),
        }
    }

    fn check_in(&mut self) -> MonitorCheckIn {
        MonitorCheckIn {
            check_in_id: sentry_core::types::Uuid::nil(),
            monitor_slug: self.text(),
            status: MonitorCheckInStatus::Ok,
            environment: self.some(),
            duration: Some(0.5),
            monitor_config: Some(MonitorConfig {
                schedule: MonitorSchedule::Crontab { value: self.text() },
                checkin_margin: None,
                max_runtime: None,
                timezone: self.some(),
                failure_issue_threshold: None,
                recovery_threshold: None,
            }),
        }
    }

    fn attachment(&mut self) -> Attachment {
        let lines: Vec<_> = (0..20).map(|_| self.text()).collect();
        Attachment { buffer: lines.join("\n").into_bytes(), filename: self.text(), ..Attachment::default() }
    }
}

/// What was planted and is still to be read: in the bytes, in the texts of their JSON, percent-decoded.
fn found(planter: &Planter, item: impl Into<EnvelopeItem>) -> Vec<String> {
    let mut envelope = Envelope::new();
    envelope.add_item(item);
    let mut bytes = Vec::new();
    envelope.to_writer(&mut bytes).unwrap();
    let bytes = String::from_utf8_lossy(&bytes).into_owned();
    let mut places = vec![bytes.clone()];
    for value in bytes.lines().filter_map(|line| serde_json::from_str(line).ok()) {
        texts(&value, &mut places);
    }
    let decoded: Vec<_> = places.iter().map(|text| decode(text)).collect();
    places.extend(decoded);
    let excerpt = |secret: &String| {
        let (place, at) = places.iter().find_map(|place| Some((place, place.find(secret.as_str())?)))?;
        let around: String = place.get(at.saturating_sub(60)..).unwrap_or(place).chars().take(160).collect();
        Some(format!("{secret} in {around}"))
    };
    planter.planted.iter().filter_map(excerpt).collect()
}

fn texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, into)),
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            into.push(key.clone());
            texts(value, into);
        }),
        _ => {}
    }
}

fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(&part.as_bytes()[2..]);
            }
            None => bytes.extend(part.as_bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn redactor(mode: usize) -> Redactor {
    Redactor::new().mode([Mode::Replace, Mode::Mask, Mode::Hash][mode])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_of_an_event_leaves(seed: u64, mode in 0..3_usize) {
        let mut planter = Planter::new(seed);
        let mut event = planter.event();
        let before = event.clone();
        prop_assert!(!found(&planter, event.clone()).is_empty(), "the test can fail");
        let count = redactor(mode).event(&mut event);
        prop_assert_eq!(found(&planter, event.clone()), Vec::<String>::new());
        prop_assert!(count > 0);
        prop_assert_eq!((event.event_id, event.timestamp, &event.release), (before.event_id, before.timestamp, &before.release));
    }

    #[test]
    fn no_secret_of_a_transaction_leaves(seed: u64, mode in 0..3_usize) {
        let mut planter = Planter::new(seed);
        let mut transaction = planter.transaction();
        let ids: Vec<_> = transaction.spans.iter().map(|span| (span.span_id, span.start_timestamp)).collect();
        redactor(mode).transaction(&mut transaction);
        prop_assert_eq!(found(&planter, transaction.clone()), Vec::<String>::new());
        prop_assert_eq!(transaction.spans.iter().map(|span| (span.span_id, span.start_timestamp)).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn no_secret_of_logs_metrics_check_ins_and_attachments_leaves(seed: u64, mode in 0..3_usize) {
        let redactor = redactor(mode);
        let mut planter = Planter::new(seed);
        let mut log = planter.log();
        redactor.log(&mut log);
        prop_assert_eq!(found(&planter, ItemContainer::Logs(vec![log])), Vec::<String>::new());
        let mut metric = planter.metric();
        redactor.metric(&mut metric);
        prop_assert_eq!(found(&planter, ItemContainer::Metrics(vec![metric])), Vec::<String>::new());
        let mut check_in = planter.check_in();
        redactor.check_in(&mut check_in);
        prop_assert_eq!(found(&planter, check_in), Vec::<String>::new());
        let mut attachment = planter.attachment();
        redactor.attachment(&mut attachment);
        prop_assert_eq!(found(&planter, attachment), Vec::<String>::new());
    }

    /// Whatever stands around it: no panic, and what is secret by its shape is gone.
    #[test]
    fn any_text_can_be_scanned(before in any::<String>(), after in any::<String>(), seed: u64) {
        let mut planter = Planter::new(seed);
        // Cut and joined anywhere, other secrets are where the rules work.
        let mut mixed = String::new();
        for _ in 0..planter.below(6) {
            let part: Vec<char> = planter.text().chars().collect();
            let from = planter.below(part.len() + 1);
            mixed.extend(&part[from..]);
            mixed.extend(before.chars().take(planter.below(8)));
        }
        let redactor = Redactor::new();
        for before in [&before, &mixed] {
            for secret in ["4111111111111111", "bob@example.com", "123-45-6789", "AKIAIOSFODNN7EXAMPLE"] {
                let text = format!("{before} {secret} {after}");
                let clean = redactor.text(&text);
                // The clean texts have a card's digits where they are none.
                let elsewhere = before.contains(secret) || after.contains(secret);
                prop_assert!(elsewhere || !clean.contains(secret), "{} in {}", secret, clean);
            }
            let _ = (redactor.sql(before), redactor.url(before), redactor.query(before));
        }
    }
}
