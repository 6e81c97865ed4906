//! What stands in the file for what can only be known when it is played: `{token:ID,EMAIL}`, `{day:N}` and so on.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use crate::auth::{Claims, Keys, Role};

/// The meanings, at the time of play.
#[derive(Debug)]
pub(super) struct Symbols<'a> {
    keys: &'a Keys,
    others: Keys,
    now: OffsetDateTime,
    appointments: HashMap<String, i64>,
}

impl<'a> Symbols<'a> {
    pub(super) fn new(keys: &'a Keys) -> Self {
        let others = Keys::new(b"the key of some other shop");
        Self { keys, others, now: OffsetDateTime::now_utc(), appointments: HashMap::new() }
    }

    /// The appointment that `{appointment:NAME}` means from now on.
    pub(super) fn remember(&mut self, name: &str, appointment_id: i64) {
        self.appointments.insert(name.to_owned(), appointment_id);
    }

    /// Replaces every symbol; other text in braces stays as it is.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut expanded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            expanded.push_str(before);
            let symbol = after[1..].split_once('}').and_then(|(symbol, rest)| Some((self.meaning(symbol)?, rest)));
            if let Some((meaning, after)) = symbol {
                expanded.push_str(&meaning);
                rest = after;
            } else {
                expanded.push('{');
                rest = &after[1..];
            }
        }
        expanded + rest
    }

    fn meaning(&self, symbol: &str) -> Option<String> {
        let (kind, value) = symbol.split_once(':')?;
        match kind {
            "token" => self.token(self.keys, value, Role::Customer, 3600),
            "barber" => self.token(self.keys, value, Role::Barber, 3600),
            "owner" => self.token(self.keys, value, Role::Owner, 3600),
            "expired" => self.token(self.keys, value, Role::Customer, -3600),
            "forged" => self.token(&self.others, value, Role::Owner, 3600),
            "day" => {
                let day = (self.now + Duration::days(value.parse().ok()?)).date();
                Some(format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day()))
            }
            // One that was never made has no id; 0 is nobody's.
            "appointment" => Some(self.appointments.get(value).copied().unwrap_or_default().to_string()),
            _ => None,
        }
    }

    fn token(&self, keys: &Keys, who: &str, role: Role, seconds: i64) -> Option<String> {
        let (sub, email) = who.split_once(',')?;
        let exp = self.now.unix_timestamp() + seconds;
        keys.sign(&Claims { sub: sub.to_owned(), email: email.to_owned(), role, location_id: 1, exp }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::AuthError;

    #[test]
    fn symbols_are_replaced_and_other_braces_stay() {
        let keys = Keys::new(b"key");
        let mut symbols = Symbols::new(&keys);
        symbols.remember("first", 17);
        assert_eq!(symbols.expand("/a/{appointment:first}?x={y}&z={"), "/a/17?x={y}&z={");
        assert_eq!(symbols.expand("{\"day\":\"{day:0}\"}").len(), "{\"day\":\"2026-01-01\"}".len());
        assert_eq!(symbols.expand("{nobody:x}{}"), "{nobody:x}{}");
    }

    #[test]
    fn tokens_are_what_they_are_called() {
        let keys = Keys::new(b"key");
        let symbols = Symbols::new(&keys);
        let verify = |symbol: &str| keys.verify(&symbols.expand(symbol));
        assert_eq!(verify("{token:c-1,a@b.example}").unwrap().role, Role::Customer);
        assert_eq!(verify("{owner:o-1,a@b.example}").unwrap().role, Role::Owner);
        assert!(matches!(verify("{expired:c-1,a@b.example}"), Err(AuthError::Expired)));
        assert!(matches!(verify("{forged:c-1,a@b.example}"), Err(AuthError::Invalid(_))));
    }
}
