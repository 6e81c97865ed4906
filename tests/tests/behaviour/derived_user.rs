//! `#[derive(SentryUser)]`: who the user of an event is.

use std::fmt;
use std::net::IpAddr;

use sentry_core::protocol::Value;
use serde_json::json;
use watchpost::{SentryUser, set_user};

/// The user and the tags of an event that is captured after `users` were set, one after the other.
fn captured(users: &[&dyn SentryUser]) -> (Value, Value) {
    let events = sentry_core::test::with_captured_events(|| {
        for user in users {
            set_user(user);
        }
        sentry_core::capture_message("a message", sentry_core::Level::Info);
    });
    (serde_json::to_value(&events[0].user).expect("a user"), serde_json::to_value(&events[0].tags).expect("tags"))
}

enum Role {
    Barber,
}
impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("barber")
    }
}

#[derive(SentryUser)]
struct Claims {
    #[user(id)]
    sub: String,
    #[user(email)]
    email: Option<String>,
    #[user(tag, display)]
    role: Role,
    location_id: u32,
    #[user(skip)]
    _exp: u64,
}

fn claims(email: Option<&str>) -> Claims {
    Claims { sub: "17".into(), email: email.map(Into::into), role: Role::Barber, location_id: 3, _exp: 0 }
}

#[test]
fn claims_say_who_the_user_is() {
    let (user, tags) = captured(&[&claims(Some("anna@example.com"))]);
    assert_eq!(user, json!({ "id": "17", "email": "anna@example.com", "role": "barber", "location_id": 3 }));
    assert_eq!(tags, json!({ "user.role": "barber" }));
}

#[test]
fn none_is_unset_and_nothing_of_the_user_before_stays() {
    let (user, _) = captured(&[&claims(Some("anna@example.com")), &claims(None)]);
    assert_eq!(user, json!({ "id": "17", "role": "barber", "location_id": 3 }));
    assert_eq!(captured(&[&claims(None), &None::<Claims>]).0, json!(null));

    #[derive(SentryUser)]
    struct Guest {
        #[user(id)]
        id: u64,
        #[user(tag)]
        role: Option<&'static str>,
    }
    let (user, tags) = captured(&[&claims(None), &Guest { id: 18, role: None }]);
    assert_eq!((user, tags), (json!({ "id": "18" }), json!({})));
}

#[test]
fn all_that_sentry_knows_of_a_user() {
    #[derive(SentryUser)]
    struct Everything<'a, T> {
        #[user(id, debug)]
        key: T,
        #[user(email)]
        mail: &'a str,
        #[user(username)]
        name: &'a Option<String>,
        #[user(ip_address)]
        from: IpAddr,
        #[user(data, rename = "plan_name", debug)]
        plan: T,
        #[user(rename = "score")]
        points: Option<f32>,
    }
    let user = Everything {
        key: 'k',
        mail: "anna@example.com",
        name: &Some("anna".into()),
        from: [10, 0, 0, 1].into(),
        plan: 'p',
        points: Some(0.5),
    };
    assert_eq!(
        captured(&[&user]).0,
        json!({
            "id": "'k'", "email": "anna@example.com", "username": "anna", "ip_address": "10.0.0.1", "plan_name": "'p'", "score": 0.5,
        })
    );
}

#[test]
fn an_id_and_data_may_be_guarded() {
    #[derive(SentryUser)]
    struct Guarded<'a> {
        #[user(id, exposed)]
        session: &'a str,
        #[user(email, hashed)]
        mail: &'a str,
        #[user(masked, tag)]
        phone: &'a str,
    }
    let (user, tags) = captured(&[&Guarded { session: "s1", mail: "anna@example.com", phone: "+49 30 1234567" }]);
    assert_eq!(user["id"], "s1");
    assert!(user["email"].as_str().is_some_and(|email| email.starts_with("hash")), "{user}");
    assert_eq!((&user["phone"], &tags["user.phone"]), (&json!("+4***67"), &json!("+4***67")));
}

#[test]
fn a_tuple_says_who_too() {
    #[derive(SentryUser)]
    struct UserId(#[user(id)] u64);
    assert_eq!(captured(&[&UserId(17)]).0, json!({ "id": "17" }));
}
