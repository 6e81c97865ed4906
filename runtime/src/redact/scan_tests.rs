use super::{Mode, Redactor};

/// Checks a text in which `«` and `»` enclose what must go.
#[track_caller]
fn check(marked: &str) {
    let redactor = Redactor::new();
    let plain = marked.replace(['«', '»'], "");
    let mut expected = String::new();
    for part in marked.split('»') {
        let (clear, secret) = part.split_once('«').unwrap_or((part, ""));
        expected.push_str(clear);
        expected.push_str(if secret.is_empty() { "" } else { "[REDACTED]" });
    }
    let clean = redactor.text(&plain);
    assert_eq!(clean, expected, "{plain}");
    assert_eq!(redactor.text(&clean), clean, "a second time");
    for mode in [Mode::Mask, Mode::Hash] {
        let redactor = Redactor::new().mode(mode);
        let clean = redactor.text(&plain).into_owned();
        assert_eq!(redactor.text(&clean), clean, "{mode:?} a second time");
        assert_eq!(clean == plain, !marked.contains('«'), "{mode:?}");
    }
}

#[test]
fn card_numbers() {
    for card in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4222222222222",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117",
        "3530111333300000",
        "30569309025904",
        "3056 930902 5904",
        "6304000000000000",
        "4000 0566 5566 5556",
        "6759649826438453",
        "6240008631401148",
    ] {
        for text in ["", "card ", "card:", "n=", "(", "\"", "カード", "x_", "/", "200 "] {
            for after in ["", " ok", ", ok", ".", ")", "\"", "です", " 12/27", "\n", "-x"] {
                check(&format!("{text}«{card}»{after}"));
            }
        }
    }
}

#[test]
fn numbers_that_are_no_card() {
    for text in [
        "4111111111111112",
        "4111 1111 1111 1112",
        "41111111111111111111",
        "x4111111111111111",
        "4111111111111111a",
        "0x4111111111111111",
        "0.4111111111111111",
        "4111111111111111.5",
        "1700000000000",
        "1700000000000000",
        "1700000000000000000",
        "20261123155701",
        "12345678-4111-1111-1111-111111111111",
        "41111111-1111-1111-1111-111111111111",
        "a1b2c3d4-4111-1111-1111-111111111111",
        "4111  1111  1111  1111",
        "41 11 11 11 11 11 11 11",
        "4111 1111-1111 1111",
        "2026-11-23 15:57:01",
        "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6",
        "1234567890123456",
        "9999999999999995",
        "4111-1111-1111-1111-1",
    ] {
        check(text);
    }
}

#[test]
fn bank_accounts() {
    for iban in [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "GB29NWBK60161331926819",
        "GB29 NWBK 6016 1331 9268 19",
        "FR1420041010050500013M02606",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
        "de89370400440532013000",
        "BE68539007547034",
        "CH93-0076-2011-6238-5295-7",
        "LC55HEMM000100010012001200023015",
    ] {
        for (before, after) in [("", ""), ("to ", " today"), ("konto:", "."), ("(", ")"), ("口座", "に"), ("\"", "\"")]
        {
            check(&format!("{before}«{iban}»{after}"));
        }
    }
    for text in [
        "DE89370400440532013001",
        "XDE89370400440532013000",
        "DE89370400440532013000X",
        "XX89370400440532013000",
        "DE89 3704",
        "is24 the",
    ] {
        check(text);
    }
}

#[test]
fn social_security_numbers() {
    for text in ["«123-45-6789»", "is «123-45-6789».", "(«078-05-1120»)", "«219-09-9999» x"] {
        check(text);
    }
    for text in [
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "123-00-4567",
        "123-45-0000",
        "1123-45-6789",
        "123-45-67890",
        "a123-45-6789",
        "123-45-6789-1",
        "1-123-45-6789",
    ] {
        check(text);
    }
}

#[test]
fn addresses_of_people() {
    for address in [
        "bob@example.com",
        "bob.smith+tag@sub.example.co.uk",
        "o'neil@example.ie",
        "müller@exämple.de",
        "x_y-z@123.com",
        "a@b.xn--p1ai",
        "bob%40example.com",
        "\"bob smith\"@example.com",
    ] {
        for (before, after) in [
            ("", ""),
            ("<", ">"),
            ("mailto:", "?subject=x"),
            ("連絡先は", "まで"),
            ("from ", ", to x"),
            ("'", "'"),
            ("at ", "."),
        ] {
            check(&format!("{before}«{address}»{after}"));
        }
    }
    for text in [
        "@bob",
        "bob@",
        "bob@host",
        "react@18.2.0",
        "@types/node@20.1.0",
        "left-pad@1.3.0-alpha",
        "logo@2x.png",
        "user@1000.service",
        "git@github.com:a/b.git",
        "a @ b.com",
        "@app.route",
        "bookedbarber-v2@1.2.3",
        "Foo@1a2b3c",
        "root@10.0.0.1",
        "image@sha256:0123",
        "50%40",
    ] {
        check(text);
    }
}

#[test]
fn tokens_and_credentials() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.abc-DEF_123";
    for (before, after) in
        [("", ""), ("Bearer ", ""), ("jwt ", " expired"), ("\"", "\""), ("トークン", "は"), ("x_", ",")]
    {
        check(&format!("{before}«{jwt}»{after}"));
    }
    check("«eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9»");
    check("«eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.»");
    check("eyJhbGciOiJIUzI1NiJ9");
    check("eyJ.a.b");
    check("bearer «0123456789abcdef»");
    check("sent Bearer «mF_9.B5f-4.1JqM» to x");
    check("BEARER «AbCdEfGhIj»");
    check("Basic «dXNlcjpwYXNzd29yZA==»");
    check("q=basic%20«dXNlcjpwYXNzd29yZA»");
    for text in [
        "Bearer authentication required",
        "bearer token",
        "Basic authentication",
        "basic functionality",
        "the bearer of this",
        "basic auth: realm",
        "unbasic dXNlcjpwYXNzd29yZA==",
    ] {
        check(text);
    }
    check("«-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----» x");
    check("k «-----BEGIN PRIVATE KEY-----\\nMIIEow");
    check("-----BEGIN CERTIFICATE-----\nMIIEow==\n-----END CERTIFICATE-----");
    check("----- BEGIN -----");
}

#[test]
fn credentials_in_urls() {
    check("postgres://«user:hunter2»@db:5432/app");
    check("failed: redis://«:p@ss»@cache/0, retrying");
    check("https://«token»@github.com/a/b.git");
    check("amqp://«user:a/b#c»@mq");
    check("https://hooks.slack.com/services/«T000/B000/XXXX» said 404");
    check("https://api.telegram.org/bot«123:abc/send»");
    for text in [
        "https://example.com/@user/post",
        "https://example.com:8080/@user",
        "http://[::1]:8080/a",
        "https://example.com/a?b=c#d",
        "ssh://git@github.com/a",
        "https://hooks.slack.com/services/",
        "std::io::Error",
        "://",
        "http://",
    ] {
        check(text);
    }
}

#[test]
fn values_of_secret_keys() {
    for text in [
        "password=«hunter2»",
        "a=1&password=«hunter2»&b=2",
        "?token=«abc»&x",
        "card[number]=«17»",
        "PGPASSWORD=«x» psql",
        "pin=«1234»;",
        "password = «hunter2»",
        "password: «hunter2»",
        "login failed (password: «correcthorse»)",
        "Password='«my secret»'",
        r#"{"password":"«hunter2»","a":1}"#,
        r#"{"user": "x", "apiKey" : "«a \" b»"}"#,
        r#"{"pin": «1234», "a": 2}"#,
        r#"{'token': '«x y»'}"#,
        r#""{\"password\":\"«hunter2»\",\"a\":1}""#,
        r#"{"credentials": «{"user": "a", "x": ["}"]}», "b": 1}"#,
        r#"{"password":"«hunter"#,
        r#"Login { user: "bob", password: "«hunter2»", pin: «1234» }"#,
        r#"token: «Some("abc")», x: 1"#,
        "auth: «Credentials { user: \"bob\" }», b: 2",
        "Authorization: «Digest nc=1, cnonce=x»\r\nHost: x",
        "Authorization: «Token abc1»",
        "X-Api-Key: «abc123»\nHost: x",
        "Cookie: «a=b; c=d»\r\nHost: x",
        "Set-Cookie: «id=17; Path=/; HttpOnly»",
        "line\\npassword: «hunter2»",
        "<user>bob</user><password>«hunter2»</password>",
        "<ns:token>«a b»</ns:token>",
        "--password «hunter2» -v",
        "--password=«hunter2»",
        "password = b\"«hunter2»\"",
        "auth: «(\"bob\", 17)», x",
        "token = «Some(\"abc\")»",
        ":password=>\"«x»\"",
        "'password' => '«x»'",
        "パスワード=«秘密»",
        "これはpassword=«hunter2»",
        "email=«bob»",
        "phone: «+49-151-1»",
        "ssn=«123»",
        "userPassword=«a»,clientSecret=«b»",
        "AccountKey=«abc==»;Endpoint=x",
        "session: «9f8e7d6c»",
        "secret=«a(b»)",
    ] {
        check(text);
    }
}

#[test]
fn what_looks_like_a_pair_and_is_none() {
    for text in [
        "password=",
        "password=\"\"",
        "password=null",
        "has_password=true",
        "token=None",
        "token: None",
        "password=[REDACTED]",
        "password=$1",
        "password = ?",
        "token = :token",
        "password={}",
        "password={password}",
        "token=${TOKEN}",
        "PASSWORD=$PASSWORD",
        "password=***",
        "token_count=5",
        "tokens_used: 17",
        "invalid token: expected `}`",
        "token: expired",
        "session: closed by peer",
        "Password: must have 8 characters",
        "password: String,",
        "password: &str",
        "auth.rs:42:13",
        "src/auth/session.rs:42",
        "in auth.rs: 3 tests failed",
        "auth::Session",
        "token == other",
        "s.token = t.token",
        "t1.session_id = t2.session_id",
        "t1.session_id=t2.session_id",
        "let token = self.next_token();",
        "SET token = COALESCE($1, token)",
        "password: incorrect",
        "Vec<Token>::new",
        "Option<Session>::unwrap",
        "run with --token to authenticate",
        "--password is required",
        "-- password reset",
        "author: bob",
        "key=value",
        "https://example.com/token",
        "Authorization: required",
        "Cookie: missing",
        "12:03:11",
        "a = b",
        "std::auth: x",
        "shipping_id=17",
        "fn f(session: &Session, token: Token)",
        "pin: Pin<&mut Self>",
        "auth: ok",
        "email: sent",
    ] {
        check(text);
    }
}

#[test]
fn the_modes() {
    let text = "card 4111111111111111, password=hunter2";
    assert_eq!(Redactor::new().mode(Mode::Mask).text(text), "card 41***11, password=***");
    let hashed = Redactor::new().mode(Mode::Hash).hash_key("k").text(text).into_owned();
    assert_eq!(hashed, Redactor::new().mode(Mode::Hash).hash_key("k").text(text));
    assert_ne!(hashed, Redactor::new().mode(Mode::Hash).hash_key("l").text(text));
    assert_ne!(hashed, Redactor::new().mode(Mode::Hash).text(text), "every redactor draws its own key");
    assert_eq!(hashed.matches("hash:").count(), 2);
}

#[test]
fn own_rules() {
    let redactor = Redactor::new().redact_key("tenantCode").allow_key("session");
    assert_eq!(
        redactor.text("tenant-code=a session=b password=c"),
        "tenant-code=[REDACTED] session=b password=[REDACTED]"
    );
    let redactor = Redactor::new().redact_pattern(|text| text.find("é").map(|at| at..at + 1));
    assert_eq!(redactor.text("aébéc"), "a[REDACTED]b[REDACTED]c", "a cut character goes whole");
    let redactor = Redactor::new().redact_pattern(|text| Some(0..text.len() + 1));
    assert_eq!(redactor.text("abc"), "abc");
    let redactor = Redactor::new().redact_pattern(|_| Some(0..0));
    assert_eq!(redactor.text("abc"), "abc");
}

#[test]
fn personal_data_leaves_where_it_was_switched_on() {
    let redactor = Redactor::new().send_default_pii(true);
    let text = "bob@example.com phone=17 password=bob@example.com 4111111111111111";
    assert_eq!(redactor.text(text), "bob@example.com phone=17 password=[REDACTED] [REDACTED]");
    assert!(!redactor.is_secret_key("email") && redactor.is_secret_key("password"));
}

#[test]
fn a_clean_text_is_not_copied() {
    let text = "SELECT id FROM t WHERE a = $1 -- 12.5ms";
    assert!(matches!(Redactor::new().text(text), std::borrow::Cow::Borrowed(same) if std::ptr::eq(same, text)));
}

#[test]
fn a_text_too_long_is_replaced() {
    assert_eq!(Redactor::new().text(&"a".repeat((1 << 20) + 1)), "[REDACTED]");
}

#[test]
fn a_hash_taken_without_a_key_gets_one() {
    let text = format!("user {} left", super::hashed("bob"));
    let clean = Redactor::new().hash_key("k").text(&text).into_owned();
    assert!(clean.starts_with("user hash:") && clean.ends_with(" left"), "{clean}");
    assert_eq!(clean, Redactor::new().hash_key("k").text(&text));
    assert_ne!(clean, Redactor::new().text(&text));
}
