//! The rules of one redactor, and what they do to a text.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::Arc;

use super::cover::{self, Mode, REDACTED};
use super::keys::{Kind, Segments, kind, kind_with};
use super::scan::{Finding, Scan, What};
use super::siphash::siphash;

type Pattern = Arc<dyn Fn(&str) -> Option<Range<usize>> + Send + Sync>;

/// Longer texts (in bytes) are replaced whole; Sentry keeps 8192 characters of a message.
const LONGEST_TEXT: usize = 1 << 20;

/// Takes secrets and personal data out of what is sent. Cheap to clone.
///
/// A value is secret by its key (`password`, `X-Api-Key`, `cardNumber`; see [`Redactor::is_secret_key`]) or by its shape, anywhere in
/// a text: card numbers, IBANs, e-mail addresses, JSON web tokens, `Bearer` and `Basic` credentials, user and password in a URL,
/// private keys, US social security numbers, the keys of well-known providers.
///
/// ```
/// use watchpost::redact::Redactor;
///
/// let redactor = Redactor::new().redact_key("tenant_code");
/// let text = r#"{"tenantCode": "x7-1", "order": 4711} paid by bob@example.com with 4111 1111 1111 1111"#;
/// assert_eq!(redactor.text(text), r#"{"tenantCode": "[REDACTED]", "order": 4711} paid by [REDACTED] with [REDACTED]"#);
/// ```
#[derive(Clone)]
pub struct Redactor(Arc<Rules>);

#[derive(Clone)]
struct Rules {
    own: Vec<(String, Kind)>,
    patterns: Vec<Pattern>,
    attachments: Vec<String>,
    mode: Mode,
    hash_key: [u64; 2],
    send_default_pii: bool,
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl Redactor {
    /// The rules everybody has, and a hash key of its own.
    pub fn new() -> Self {
        // What the standard library seeds its hash maps with comes from the operating system.
        let random = || RandomState::new().hash_one(0_u8);
        Self(Arc::new(Rules {
            own: Vec::new(),
            patterns: Vec::new(),
            attachments: Vec::new(),
            mode: Mode::default(),
            hash_key: [random(), random()],
            send_default_pii: false,
        }))
    }

    /// One more key whose values are secret: in any spelling, as a whole segment of a key or a run of segments.
    #[must_use]
    pub fn redact_key(mut self, key: impl AsRef<str>) -> Self {
        self.rules().own.push((segments(key.as_ref()), Kind::Secret));
        self
    }

    /// A key whose values may leave although it looks secret. Their shape still counts: a card number stays a card number.
    #[must_use]
    pub fn allow_key(mut self, key: impl AsRef<str>) -> Self {
        self.rules().own.push((segments(key.as_ref()), Kind::Innocent));
        self
    }

    /// One more pattern: where in a text the first secret is, in bytes. It is asked again about the rest; a range that is empty or
    /// goes beyond the text ends the search. It sees texts that the rules everybody has went over.
    ///
    /// ```
    /// # use watchpost::redact::Redactor;
    /// let redactor = Redactor::new().redact_pattern(|text| {
    ///     let start = text.find("CUST-")?;
    ///     Some(start..start + 5 + text[start + 5..].bytes().take_while(u8::is_ascii_digit).count())
    /// });
    /// assert_eq!(redactor.text("CUST-17 and CUST-18"), "[REDACTED] and [REDACTED]");
    /// ```
    #[must_use]
    pub fn redact_pattern(mut self, find: impl Fn(&str) -> Option<Range<usize>> + Send + Sync + 'static) -> Self {
        self.rules().patterns.push(Arc::new(find));
        self
    }

    /// An attachment whose content never leaves, by its file name (`core.dump`) or by its ending (`*.dump`).
    #[must_use]
    pub fn redact_attachment(mut self, filename: impl Into<String>) -> Self {
        self.rules().attachments.push(filename.into());
        self
    }

    /// What takes a secret's place; [`Mode::Replace`] unless set.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.rules().mode = mode;
        self
    }

    /// The key of all hashes. Without it every redactor draws its own, and equal values are equal within one process only.
    #[must_use]
    pub fn hash_key(mut self, key: impl AsRef<[u8]>) -> Self {
        let [low, high] = [0, 1].map(|half| siphash([half, 0], key.as_ref()));
        self.rules().hash_key = [low, high].map(|half| u64::from_le_bytes(half[..8].try_into().unwrap_or_default()));
        self
    }

    /// Whether personal data (e-mail and IP addresses, telephone numbers, user names) may leave; secrets never do.
    #[must_use]
    pub fn send_default_pii(mut self, on: bool) -> Self {
        self.rules().send_default_pii = on;
        self
    }

    /// Whether the values of a key are redacted whatever they are.
    ///
    /// A key is split into segments at everything that is no letter or digit and where the case changes; an entry of the list
    /// matches whole segments only (`shipping_id` has no `pin`), and a key that goes on to speak about the secret is innocent
    /// (`token_count`, `password_length`).
    ///
    /// ```
    /// # use watchpost::redact::Redactor;
    /// let redactor = Redactor::new();
    /// assert!(redactor.is_secret_key("X-Api-Key") && redactor.is_secret_key("userPassword"));
    /// assert!(!redactor.is_secret_key("author") && !redactor.is_secret_key("token_count"));
    /// ```
    pub fn is_secret_key(&self, key: &str) -> bool {
        self.kind(key) != Kind::Innocent
    }

    /// The text without its secrets; borrowed where it has none.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.clean(text).0
    }

    /// The text without its secrets, and how many they were.
    pub(super) fn clean<'t>(&self, text: &'t str) -> (Cow<'t, str>, u64) {
        if text.len() > LONGEST_TEXT { (Cow::Owned(REDACTED.to_owned()), 1) } else { self.clean_any(text) }
    }

    /// As [`Self::clean`], however long the text is.
    pub(super) fn clean_any<'t>(&self, text: &'t str) -> (Cow<'t, str>, u64) {
        self.clean_with(text, self.0.send_default_pii)
    }

    /// As [`Self::clean`], of a value that was exposed: whoever wrote the word meant personal data, but no card number.
    pub(super) fn clean_exposed<'t>(&self, text: &'t str) -> (Cow<'t, str>, u64) {
        self.clean_with(text, true)
    }

    fn clean_with<'t>(&self, text: &'t str, with_personal: bool) -> (Cow<'t, str>, u64) {
        let mut count = 0;
        let mut clean = Cleaned::new(text);
        for Finding { start, end, what } in Scan::new(text, |key| self.kind(key)) {
            let found = &text[start..end];
            match what {
                What::UnkeyedHash => clean.put(start, end, &cover::rekeyed(found, self.0.hash_key)),
                What::Personal if with_personal => {}
                _ if cover::is_covered(found) => {}
                _ => {
                    clean.put(start, end, &self.cover(found));
                    count += 1;
                }
            }
        }
        let mut text = clean.finish();
        for pattern in &self.0.patterns {
            let (out, found) = self.clean_pattern(&text, pattern);
            if let Some(out) = out {
                (text, count) = (Cow::Owned(out), count + found);
            }
        }
        (text, count)
    }

    fn clean_pattern(&self, text: &str, pattern: &Pattern) -> (Option<String>, u64) {
        let mut clean = Cleaned::new(text);
        let mut from = 0;
        let mut count = 0;
        while let Some(Range { start, end }) = pattern(&text[from..]) {
            if start >= end || end > text.len() - from {
                break;
            }
            // A range that cuts a character takes it whole.
            let [mut start, mut end] = [from + start, from + end];
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            while !text.is_char_boundary(end) {
                end += 1;
            }
            if !cover::is_covered(&text[start..end]) {
                clean.put(start, end, &self.cover(&text[start..end]));
                count += 1;
            }
            from = end;
        }
        (clean.out.is_some().then(|| clean.finish().into_owned()), count)
    }

    /// What takes the place of `secret`.
    pub(super) fn cover(&self, secret: &str) -> Cow<'static, str> {
        self.0.mode.cover(secret, self.0.hash_key)
    }

    /// The hash that takes the place of an identity, whatever the mode, so that one can still be told from another.
    pub(super) fn hash(&self, identity: &str) -> String {
        cover::hash(identity, self.0.hash_key)
    }

    /// What a key says about its value, as far as it may not leave.
    pub(super) fn kind(&self, key: &str) -> Kind {
        let kind = if self.0.own.is_empty() { kind(key) } else { kind_with(key, &self.0.own) };
        if kind == Kind::Personal && self.0.send_default_pii { Kind::Innocent } else { kind }
    }

    pub(super) fn sends_pii(&self) -> bool {
        self.0.send_default_pii
    }

    /// Whether an attachment was named as one that never leaves.
    pub(super) fn withholds(&self, filename: &str) -> bool {
        self.0.attachments.iter().any(|name| match name.strip_prefix('*') {
            Some(ending) => filename.ends_with(ending),
            None => filename == name,
        })
    }

    fn rules(&mut self) -> &mut Rules {
        Arc::make_mut(&mut self.0)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rules { own, patterns, attachments, mode, hash_key: _, send_default_pii } = &*self.0;
        f.debug_struct("Redactor")
            .field("own", own)
            .field("patterns", &patterns.len())
            .field("attachments", attachments)
            .field("mode", mode)
            .field("send_default_pii", send_default_pii)
            .finish_non_exhaustive()
    }
}

/// The key as an entry of the list is written: `tenantCode` is `tenant_code`.
fn segments(key: &str) -> String {
    let segments = Segments::of(key).map(|segment| String::from_utf8_lossy(segment).to_ascii_lowercase());
    segments.collect::<Vec<_>>().join("_")
}

/// A text of which parts are replaced, in order; copied only when the first is.
pub(super) struct Cleaned<'t> {
    text: &'t str,
    done: usize,
    out: Option<String>,
}

impl<'t> Cleaned<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, done: 0, out: None }
    }

    /// Puts `with` in the place of a range, which is at character boundaries and behind the last one.
    pub(super) fn put(&mut self, start: usize, end: usize, with: &str) {
        let out = self.out.get_or_insert_with(|| String::with_capacity(self.text.len()));
        out.push_str(&self.text[self.done..start]);
        out.push_str(with);
        self.done = end;
    }

    /// Up to where the text is decided.
    pub(super) fn done(&self) -> usize {
        self.done
    }

    pub(super) fn finish(self) -> Cow<'t, str> {
        match self.out {
            None => Cow::Borrowed(self.text),
            Some(mut out) => {
                out.push_str(&self.text[self.done..]);
                Cow::Owned(out)
            }
        }
    }
}
