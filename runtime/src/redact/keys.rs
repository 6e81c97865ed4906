// This file stands twice, byte for byte: in the runtime as `redact/keys.rs` and in the macros as `checks/secret_keys.rs`, for a
// macro crate cannot depend on the runtime it expands to. A test compares the two. It therefore uses nothing but `core`.
//
// Which keys name a secret. A key is split into segments at everything that is not a letter or digit and where the case
// changes (`X-Api-Key`, `xApiKey`, `x.api_key` are one). An entry matches a whole segment or a run of whole segments, never a
// part of one: `shipping_id`, `mapping` and `classname` are innocent. A `_` in an entry is a place where a key may be
// split: `api_key` also is `apikey` and `apiKey`. Digits at a segment's end do not count (`cvv2`, `password1`).

/// What a key says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Credentials and means of payment: they never leave.
    Secret,
    /// Personal data: it leaves only where that was switched on.
    Personal,
    /// Anything else.
    Innocent,
}

/// The entries, sorted. Where several match at one place the longest decides, so that `next_token` is innocent.
#[rustfmt::skip]
pub(crate) const ENTRIES: &[(&str, Kind)] = {
    use Kind::{Innocent, Personal, Secret};
    &[
        ("aadhaar", Secret), ("access_code", Secret), ("access_key", Secret), ("account_key", Secret),
        ("account_no", Secret), ("account_number", Secret), ("acct_no", Secret), ("acct_number", Secret),
        ("amz_signature", Secret), ("api_key", Secret), ("api_keys", Secret), ("app_key", Secret),
        ("aspsessionid", Secret), ("auth", Secret), ("auth_token", Secret), ("authentication", Secret),
        ("authorisation", Secret), ("authorization", Secret),
        ("backup_code", Secret), ("backup_codes", Secret), ("bank_account", Secret), ("bban", Secret), ("bearer", Secret),
        ("bearer_token", Secret), ("billing_address", Personal), ("birth_date", Personal), ("birth_day", Personal),
        ("cancellation_token", Innocent), ("card_no", Secret), ("card_num", Secret), ("card_number", Secret),
        ("card_pan", Secret), ("cc_num", Secret), ("cc_number", Secret), ("ccn", Secret), ("client_address", Personal),
        ("client_assertion", Secret), ("client_ip", Personal), ("client_secret", Secret), ("code_verifier", Secret),
        ("connect_sid", Secret), ("connection_string", Secret), ("continuation_token", Innocent), ("contrasena", Secret),
        ("contraseña", Secret), ("cookie", Secret), ("cookies", Secret), ("cred", Secret), ("credential", Secret),
        ("credentials", Secret), ("credit_card", Secret), ("credit_card_no", Secret), ("credit_card_number", Secret),
        ("creds", Secret), ("csrf", Secret), ("csrf_token", Secret), ("cvc", Secret), ("cvv", Secret),
        ("date_of_birth", Personal), ("db_password", Secret), ("debit_card", Secret), ("dob", Personal),
        ("driver_licence", Personal), ("driver_license", Personal), ("drivers_licence", Personal),
        ("drivers_license", Personal),
        ("e_mail", Personal), ("e_mails", Personal), ("encryption_key", Secret),
        ("forwarded_for", Personal),
        ("geburts_datum", Personal),
        ("handy_nummer", Personal), ("hmac_key", Secret), ("home_address", Personal),
        ("iban", Secret), ("id_token", Secret), ("input_tokens", Innocent), ("ip_addr", Personal), ("ip_address", Personal),
        ("jsessionid", Secret), ("jwt", Secret),
        ("kenn_wort", Secret), ("konto_nummer", Secret), ("kredit_karte", Secret), ("kreditkarten_nummer", Secret),
        ("license_key", Secret),
        ("magic_link", Secret), ("maiden_name", Personal), ("master_key", Secret), ("mfa_code", Secret),
        ("mobil_nummer", Personal), ("mobile_no", Personal), ("mobile_number", Personal), ("mot_de_passe", Secret),
        ("national_id", Personal), ("national_insurance", Secret), ("next_page_token", Innocent), ("next_token", Innocent),
        ("nhs_number", Personal),
        ("o_auth", Secret), ("one_time_code", Secret), ("otp", Secret), ("output_tokens", Innocent),
        ("page_token", Innocent), ("pass_code", Secret), ("pass_phrase", Secret), ("pass_wd", Secret), ("pass_word", Secret),
        ("pass_words", Secret), ("pass_wort", Secret), ("passport", Personal), ("passport_number", Personal),
        ("peer_ip", Personal), ("pg_password", Secret), ("phone", Personal), ("phone_number", Personal),
        ("phpsessid", Secret), ("pin", Secret), ("pin_code", Secret), ("postal_address", Personal),
        ("pre_shared_key", Secret), ("private_key", Secret), ("psk", Secret), ("pw", Secret), ("pwd", Secret),
        ("real_ip", Personal), ("recovery_code", Secret), ("recovery_codes", Secret), ("recovery_phrase", Secret),
        ("refresh_token", Secret), ("remote_addr", Personal), ("remote_address", Personal), ("remote_ip", Personal),
        ("reset_code", Secret), ("reset_link", Secret), ("routing_number", Secret),
        ("saml_assertion", Secret), ("saml_response", Secret), ("sas_token", Secret), ("secret", Secret),
        ("secret_key", Secret), ("secrets", Secret), ("security_answer", Secret), ("security_code", Secret),
        ("seed_phrase", Secret), ("senha", Secret), ("sess_id", Secret), ("session", Secret), ("session_id", Secret),
        ("session_key", Secret), ("session_replay", Innocent), ("session_replay_id", Innocent), ("session_token", Secret),
        ("shared_key", Secret), ("shipping_address", Personal), ("signing_key", Secret), ("smtp_pass", Secret),
        ("social_security", Secret), ("social_security_number", Secret), ("sort_code", Secret),
        ("sozialversicherungs_nummer", Secret), ("ssh_key", Secret), ("ssn", Secret), ("steuer_id", Personal),
        ("steuer_nummer", Personal), ("storage_key", Secret), ("street_address", Personal), ("sync_token", Innocent),
        ("tax_id", Personal), ("tax_number", Personal), ("telefon", Personal), ("telefon_nummer", Personal),
        ("telephone", Personal), ("telephone_number", Personal), ("token", Secret), ("token_bucket", Innocent),
        ("token_stream", Innocent), ("token_tree", Innocent), ("tokens", Secret), ("totp", Secret),
        ("user_pass", Secret), ("user_password", Secret),
        ("verification_code", Secret),
        ("wachtwoord", Secret),
        ("xsrf", Secret), ("xsrf_token", Secret),
        ("パスワード", Secret),
    ]
};

/// A key that goes on with one of these speaks about a secret and does not hold it: `token_count`, `password_length`. Sorted.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "age", "alg", "algorithm", "at", "attempt", "attempts", "budget", "bytes", "changed", "channel", "column",
    "consent", "count", "counts", "created", "delivery", "dir", "disabled", "domain", "duration", "enabled",
    "endpoint", "env", "error", "errors", "exists", "expiration", "expired", "expires", "expiry", "failed", "failure",
    "failures", "field", "file", "flow", "format", "go", "host", "index", "issuer", "java", "job", "js", "kind",
    "label", "last", "latency", "len", "length", "level", "lifetime", "limit", "max", "method", "min", "missing",
    "mode", "ms", "name", "notification", "notifications", "optional", "path", "per", "php", "policy", "position",
    "prefix", "present", "provider", "py", "queue", "rate", "rb", "required", "reset", "retries", "rotation", "rs",
    "scheme", "seconds", "sent", "server", "service", "size", "source", "state", "status", "strength", "suffix",
    "template", "time", "timeout", "total", "ts", "ttl", "type", "types", "updated", "uri", "url", "usage", "used",
    "valid", "var", "verified", "version",
];

/// A key that begins so asks or counts: `has_password`, `max_tokens`. Sorted.
#[rustfmt::skip]
const ASKING: &[&str] = &[
    "cached", "completion", "has", "is", "max", "min", "num", "prompt", "reasoning", "remaining", "requires", "total", "used",
];

/// What the key says about its value, by [`ENTRIES`] alone.
pub(crate) fn kind(key: &str) -> Kind {
    if may_name(key.as_bytes()) { kind_with::<&str>(key, &[]) } else { Kind::Innocent }
}

/// Whether an entry may begin anywhere in the key: quick, and wrong in one direction only.
fn may_name(key: &[u8]) -> bool {
    let letter = |at: usize| key.get(at).copied().filter(u8::is_ascii_alphabetic).unwrap_or(0);
    let mut begins = true;
    for (at, &byte) in key.iter().enumerate() {
        if !byte.is_ascii() {
            return true;
        }
        let is_letter = byte.is_ascii_alphabetic();
        if is_letter && (begins || byte.is_ascii_uppercase()) {
            let second = letter(at + 1);
            let letters = [byte, second, if second == 0 { 0 } else { letter(at + 2) }];
            let lower = letters.map(|letter| letter.to_ascii_lowercase());
            // Where the case changes the segment may be shorter.
            let shorter = || letters != lower && (opens([lower[0], 0, 0]) || opens([lower[0], lower[1], 0]));
            if opens(lower) || shorter() {
                return true;
            }
        }
        begins = !is_letter;
    }
    false
}

/// As [`kind`], with entries of one's own: an own entry wins over one of the table that is not longer, and is taken at its word
/// (`ABOUT` does not excuse it).
pub(crate) fn kind_with<S: AsRef<str>>(key: &str, own: &[(S, Kind)]) -> Kind {
    let mut found = Kind::Innocent;
    let mut before: &[u8] = &[];
    let mut rest = Segments::of(key);
    loop {
        let Some(segment) = rest.next() else { return found };
        // (bytes left of the key, what the entry says, is it of one's own); the fewest bytes left are the longest match.
        let mut best: Option<(usize, Kind, bool)> = None;
        let mut compare = |entry: &[u8], kind, is_own| {
            if let Some(left) = rest.clone().strip_run(segment, entry)
                && best.is_none_or(|(least, ..)| left < least || (is_own && left == least))
            {
                best = Some((left, kind, is_own));
            }
        };
        for &(entry, kind) in candidates(segment) {
            compare(entry.as_bytes(), kind, false);
        }
        for (entry, kind) in own {
            compare(entry.as_ref().as_bytes(), *kind, true);
        }
        let Some((left, kind, is_own)) = best else {
            before = segment;
            continue;
        };
        let key = key.as_bytes();
        rest = Segments(&key[key.len() - left..]);
        let innocent = kind == Kind::Innocent
            || !is_own
                && (listed_in(ASKING, before) || rest.clone().next().is_some_and(|after| listed_in(ABOUT, after)));
        match kind {
            _ if innocent => {}
            Kind::Secret => return Kind::Secret,
            other => found = other,
        }
        before = segment;
    }
}

/// The segments of a key, as they stand in it.
#[derive(Clone)]
pub(crate) struct Segments<'a>(&'a [u8]);

impl<'a> Iterator for Segments<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|&b| is_word(b))?;
        let rest = &self.0[start..];
        let mut end = 1;
        while end < rest.len() && is_word(rest[end]) && !case_changes(rest, end) {
            end += 1;
        }
        self.0 = &rest[end..];
        Some(&rest[..end])
    }
}

impl<'a> Segments<'a> {
    pub(crate) fn of(key: &'a str) -> Self {
        Self(key.as_bytes())
    }

    /// How much of the key is left behind `entry`, if the entry stands as a run of whole segments at `segment`, before these.
    fn strip_run(mut self, mut segment: &'a [u8], mut entry: &[u8]) -> Option<usize> {
        loop {
            entry = strip_segment(entry, segment).or_else(|| strip_segment(entry, without_digits(segment)))?;
            match entry.split_first() {
                None => return Some(self.0.len()),
                Some((_, behind)) => entry = behind,
            }
            segment = self.next()?;
        }
    }
}

/// What is left of `entry` behind `segment`: nothing, or something that begins with `_`.
fn strip_segment<'e>(entry: &'e [u8], segment: &[u8]) -> Option<&'e [u8]> {
    let mut at = 0;
    for &byte in segment {
        if at > 0 && entry.get(at) == Some(&b'_') {
            at += 1;
        }
        if *entry.get(at)? != byte.to_ascii_lowercase() {
            return None;
        }
        at += 1;
    }
    let rest = &entry[at..];
    (at > 0 && rest.first().is_none_or(|&b| b == b'_')).then_some(rest)
}

fn without_digits(segment: &[u8]) -> &[u8] {
    let end = segment.iter().rposition(|b| !b.is_ascii_digit()).map_or(segment.len(), |last| last + 1);
    &segment[..end]
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Whether a segment begins at `at`, which is within a word: `apiKey`, `APIKey`, or a word after one of a script without spaces.
fn case_changes(word: &[u8], at: usize) -> bool {
    if !(word[at].is_ascii() && word[at - 1].is_ascii()) {
        return is_wide(word, at) != is_wide(word, at - 1);
    }
    word[at].is_ascii_uppercase()
        && (!word[at - 1].is_ascii_uppercase() || word.get(at + 1).is_some_and(u8::is_ascii_lowercase))
}

/// Whether the byte belongs to a character from U+0800 on: Latin, Greek and Cyrillic letters come before.
fn is_wide(word: &[u8], at: usize) -> bool {
    let lead = word[..=at].iter().rev().find(|byte| !matches!(byte, 0x80..0xc0));
    lead.is_some_and(|&lead| lead >= 0xe0)
}

fn listed_in(words: &[&str], segment: &[u8]) -> bool {
    let segment = without_digits(segment);
    words.iter().any(|word| word.len() == segment.len() && word.as_bytes().eq_ignore_ascii_case(segment))
}

/// The entries that may begin with the segment.
fn candidates(segment: &[u8]) -> &'static [(&'static str, Kind)] {
    let letters = without_digits(segment);
    let [a, b, c] = [0, 1, 2].map(|at| letters.get(at).map_or(0, u8::to_ascii_lowercase));
    if !opens([a, b, c]) {
        return &[];
    }
    let (from, to) = RANGES[number(a) * LETTERS + number(b)];
    &ENTRIES[from as usize..to as usize]
}

/// Whether an entry begins with a segment that has these letters first, 0 for none. It tells off nearly all keys there are.
fn opens(letters: [u8; 3]) -> bool {
    let bit = opening(letters);
    OPENINGS[bit / 64] >> (bit % 64) & 1 == 1
}

const LETTERS: usize = 27;

/// A small letter's number from 1 on; 0 for anything else.
const fn number(letter: u8) -> usize {
    if letter.is_ascii_lowercase() { (letter - b'a') as usize + 1 } else { 0 }
}

const fn opening([a, b, c]: [u8; 3]) -> usize {
    (number(a) * LETTERS + number(b)) * LETTERS + number(c)
}

/// One bit for the letters of every segment with which an entry begins.
const OPENINGS: [u64; LETTERS * LETTERS * LETTERS / 64 + 1] = {
    let mut openings = [0; LETTERS * LETTERS * LETTERS / 64 + 1];
    let mut entry = 0;
    while entry < ENTRIES.len() {
        let mut words = 1;
        while words <= 3 {
            let letters = first_letters(ENTRIES[entry].0, words);
            let bit = opening(letters);
            openings[bit / 64] |= 1 << (bit % 64);
            // Three letters are as many as more words would give.
            words = if letters[2] == 0 { words + 1 } else { 4 };
        }
        entry += 1;
    }
    openings
};

/// From where to where in [`ENTRIES`] those stand that begin with two letters.
const RANGES: [(u8, u8); LETTERS * LETTERS] = {
    assert!(ENTRIES.len() < u8::MAX as usize);
    let mut ranges = [(0, 0); LETTERS * LETTERS];
    let mut entry = ENTRIES.len();
    while entry > 0 {
        entry -= 1;
        let mut words = 1;
        while words <= 3 {
            let [a, b, c] = first_letters(ENTRIES[entry].0, words);
            let range = &mut ranges[number(a) * LETTERS + number(b)];
            range.0 = entry as u8;
            if range.1 == 0 {
                range.1 = entry as u8 + 1;
            }
            words = if c == 0 { words + 1 } else { 4 };
        }
    }
    ranges
};

/// The first letters, at most three, of an entry's first words: where a key is not split, they are one segment.
const fn first_letters(entry: &str, words: usize) -> [u8; 3] {
    let entry = entry.as_bytes();
    let mut letters = [0; 3];
    let (mut at, mut count, mut word) = (0, 0, 1);
    while at < entry.len() && count < 3 && word <= words {
        if entry[at] == b'_' {
            word += 1;
        } else {
            letters[count] = entry[at];
            count += 1;
        }
        at += 1;
    }
    letters
}
