//! How a value becomes text or a number in what is sent: the one place.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{Arguments, Debug, Display};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sentry_core::protocol::{Map, Value};
use sentry_core::types::Uuid;

use super::text::{cut, text};
use super::time::rfc3339;

/// How many elements of a list or a map are recorded; of the others, how many they are.
const MAX_ELEMENTS: usize = 100;

/// The largest whole number that a double, and so Sentry's web page, shows exactly: 2^53.
const EXACT: u64 = 1 << 53;

/// A value that may be recorded as it is.
///
/// | type | is recorded as |
/// |---|---|
/// | `bool`, integers up to ±2^53 | themselves |
/// | larger integers, `u128` and `i128` included | text: Sentry's pages would round them |
/// | `f32`, `f64` | numbers; what JSON has no number for as `NaN`, `inf`, `-inf` |
/// | `char`, `str`, `String`, `Cow<str>`, `format_args!(..)` | text, at most 8192 bytes of it |
/// | `Path`, `PathBuf`, IP and socket addresses, `Uuid` | text |
/// | [`Duration`] | milliseconds, as a number with its fraction |
/// | [`SystemTime`] | text by RFC 3339, in UTC, to the microsecond |
/// | `Option` | its value; where there is none, the field is left out |
/// | slices, arrays, `Vec`, maps with text keys | lists and objects, at most 100 elements of them |
/// | references, `Box`, `Rc`, `Arc` of these | as what they hold |
///
/// Anything else says how: by `Display` (`%value`, `#[context(display)]`), by `Debug` (`?value`, `#[context(debug)]`), or
/// by an implementation of this trait:
///
/// ```
/// use watchpost::ToValue;
/// use watchpost::context::Value;
///
/// struct Cents(u64);
///
/// impl ToValue for Cents {
///     fn to_value(&self) -> Value {
///         Value::from(self.0 as f64 / 100.0)
///     }
/// }
/// assert_eq!(Cents(1250).to_value(), 12.5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as it is",
    label = "needs `ToValue`",
    note = "by `Display`: `%value` in `fields(..)`, `#[context(display)]` or `#[user(display)]` on a field; by `Debug`: `?value`, `#[context(debug)]` or `#[user(debug)]`",
    note = "a struct that is a context itself: `#[context(nested)]` or `#[context(flatten)]`",
    note = "or implement `watchpost::ToValue` for it"
)]
pub trait ToValue {
    /// The value as it is sent.
    fn to_value(&self) -> Value;
}

macro_rules! small_numbers {
    ($($t:ty),*) => { $(impl ToValue for $t {
        fn to_value(&self) -> Value {
            Value::from(*self)
        }
    })* };
}
small_numbers!(bool, u8, u16, u32, i8, i16, i32);

macro_rules! large_numbers {
    ($via:ty, $magnitude:ident: $($t:ty),*) => { $(impl ToValue for $t {
        fn to_value(&self) -> Value {
            match <$via>::try_from(*self) {
                Ok(number) if magnitude::$magnitude(number) <= EXACT => Value::from(number),
                _ => Value::from(self.to_string()),
            }
        }
    })* };
}
mod magnitude {
    pub(super) const fn unsigned(number: u64) -> u64 {
        number
    }
    pub(super) const fn signed(number: i64) -> u64 {
        number.unsigned_abs()
    }
}
large_numbers!(u64, unsigned: u64, usize, u128);
large_numbers!(i64, signed: i64, isize, i128);

impl ToValue for f64 {
    fn to_value(&self) -> Value {
        if self.is_finite() { Value::from(*self) } else { Value::from(self.to_string()) }
    }
}
impl ToValue for f32 {
    fn to_value(&self) -> Value {
        // By way of its own digits: widened, `0.1` would show as 0.10000000149011612.
        self.to_string().parse::<f64>().unwrap_or(f64::NAN).to_value()
    }
}
macro_rules! never_zero {
    ($($t:ty),*) => { $(impl ToValue for NonZero<$t> {
        fn to_value(&self) -> Value {
            self.get().to_value()
        }
    })* };
}
never_zero!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::from(cut(self))
    }
}

macro_rules! by_display {
    ($($t:ty),*) => { $(impl ToValue for $t {
        fn to_value(&self) -> Value {
            by_display(self)
        }
    })* };
}
by_display!(char, Arguments<'_>, IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, Uuid);

impl ToValue for String {
    fn to_value(&self) -> Value {
        self.as_str().to_value()
    }
}
impl ToValue for Path {
    fn to_value(&self) -> Value {
        by_display(&self.display())
    }
}
impl ToValue for PathBuf {
    fn to_value(&self) -> Value {
        self.as_path().to_value()
    }
}
impl ToValue for Duration {
    fn to_value(&self) -> Value {
        Value::from(millis(*self))
    }
}

/// Milliseconds with their fraction.
pub(crate) fn millis(duration: Duration) -> f64 {
    // Divided once, it has no digits beyond the nanosecond.
    duration.as_nanos() as f64 / 1e6
}
impl ToValue for SystemTime {
    fn to_value(&self) -> Value {
        Value::from(rfc3339(*self))
    }
}
impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
impl<T: ToValue> ToValue for [T] {
    fn to_value(&self) -> Value {
        let mut list: Vec<Value> = self.iter().take(MAX_ELEMENTS).map(ToValue::to_value).collect();
        if let Some(more) = self.len().checked_sub(MAX_ELEMENTS).filter(|more| *more > 0) {
            list.push(Value::from(format!("… {more} more")));
        }
        Value::Array(list)
    }
}
impl<T: ToValue, const N: usize> ToValue for [T; N] {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}
impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Value {
        self.as_slice().to_value()
    }
}
impl<K: AsRef<str>, V: ToValue> ToValue for BTreeMap<K, V> {
    fn to_value(&self) -> Value {
        object(self.iter(), self.len())
    }
}
impl<K: AsRef<str>, V: ToValue, S> ToValue for HashMap<K, V, S> {
    fn to_value(&self) -> Value {
        object(self.iter(), self.len())
    }
}

macro_rules! by_what_it_holds {
    ($([$($generics:tt)*] $t:ty),*) => { $(impl<$($generics)*> ToValue for $t {
        fn to_value(&self) -> Value {
            (**self).to_value()
        }
    })* };
}
by_what_it_holds!(
    [T: ToValue + ?Sized] &T,
    [T: ToValue + ?Sized] &mut T,
    [T: ToValue + ?Sized] Box<T>,
    [T: ToValue + ?Sized] Rc<T>,
    [T: ToValue + ?Sized] Arc<T>,
    [T: ToValue + ToOwned + ?Sized] Cow<'_, T>
);

fn object<'a, K: AsRef<str> + 'a, V: ToValue + 'a>(pairs: impl Iterator<Item = (&'a K, &'a V)>, len: usize) -> Value {
    let mut object: Map<String, Value> =
        pairs.take(MAX_ELEMENTS).map(|(key, value)| (cut(key.as_ref()), value.to_value())).collect();
    if let Some(more) = len.checked_sub(MAX_ELEMENTS).filter(|more| *more > 0) {
        object.insert("…".into(), Value::from(format!("{more} more")));
    }
    Value::Object(object.into_iter().collect())
}

/// A value by its `Display`, cut at the limit.
pub(crate) fn by_display<T: Display + ?Sized>(value: &T) -> Value {
    Value::from(text(format_args!("{value}")))
}

/// A value by its `Debug`, cut at the limit.
pub(crate) fn by_debug<T: Debug + ?Sized>(value: &T) -> Value {
    Value::from(text(format_args!("{value:?}")))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_is_recorded_as_the_table_says() {
        let rows: Vec<(Value, Value)> = vec![
            (true.to_value(), json!(true)),
            (255_u8.to_value(), json!(255)),
            ((-5_i64).to_value(), json!(-5)),
            ((1_u64 << 53).to_value(), json!(9_007_199_254_740_992_u64)),
            (((1_u64 << 53) + 1).to_value(), json!("9007199254740993")),
            ((-(1_i64 << 53)).to_value(), json!(-9_007_199_254_740_992_i64)),
            (i64::MIN.to_value(), json!("-9223372036854775808")),
            (7_usize.to_value(), json!(7)),
            (7_isize.to_value(), json!(7)),
            (5_u128.to_value(), json!(5)),
            (u128::MAX.to_value(), json!("340282366920938463463374607431768211455")),
            (i128::MIN.to_value(), json!("-170141183460469231731687303715884105728")),
            (0.1_f32.to_value(), json!(0.1)),
            (0.1_f64.to_value(), json!(0.1)),
            (f64::NAN.to_value(), json!("NaN")),
            (f32::NEG_INFINITY.to_value(), json!("-inf")),
            (NonZero::new(3_u32).to_value(), json!(3)),
            (NonZero::<u64>::MAX.to_value(), json!("18446744073709551615")),
            ('x'.to_value(), json!("x")),
            ("x".to_value(), json!("x")),
            (String::from("x").to_value(), json!("x")),
            (Cow::Borrowed("x").to_value(), json!("x")),
            (Box::<str>::from("x").to_value(), json!("x")),
            (Arc::<str>::from("x").to_value(), json!("x")),
            (Rc::<str>::from("x").to_value(), json!("x")),
            (Arc::new(3_u8).to_value(), json!(3)),
            (Some("x").to_value(), json!("x")),
            (None::<u8>.to_value(), json!(null)),
            ([1, 2].to_value(), json!([1, 2])),
            (vec![Some("a"), None].to_value(), json!(["a", null])),
            ([1_u8].as_slice().to_value(), json!([1])),
            (BTreeMap::from([("a", 1)]).to_value(), json!({ "a": 1 })),
            (HashMap::from([(String::from("a"), 1)]).to_value(), json!({ "a": 1 })),
            (Duration::from_micros(1_500).to_value(), json!(1.5)),
            (Duration::from_nanos(210_224).to_value(), json!(0.210224)),
            (UNIX_EPOCH.to_value(), json!("1970-01-01T00:00:00.000000Z")),
            (IpAddr::from([127, 0, 0, 1]).to_value(), json!("127.0.0.1")),
            (Ipv6Addr::LOCALHOST.to_value(), json!("::1")),
            (SocketAddr::from(([127, 0, 0, 1], 80)).to_value(), json!("127.0.0.1:80")),
            (PathBuf::from("/tmp/x").to_value(), json!("/tmp/x")),
            (Path::new("/tmp/x").to_value(), json!("/tmp/x")),
            (Uuid::nil().to_value(), json!("00000000-0000-0000-0000-000000000000")),
            (format_args!("{}-{}", 1, 2).to_value(), json!("1-2")),
            (json!({ "a": [1] }).to_value(), json!({ "a": [1] })),
        ];
        for (is, should) in rows {
            assert_eq!(is, should);
        }
    }

    #[test]
    fn references_and_trait_objects_are_what_they_hold() {
        let mixed: [&dyn ToValue; 2] = [&1, &"two"];
        assert_eq!(mixed.to_value(), json!([1, "two"]));
        let three = &mut 3;
        assert_eq!(ToValue::to_value(&three), json!(3));
        assert_eq!((&&&"x").to_value(), json!("x"));
    }

    #[test]
    fn long_lists_and_maps_say_how_much_is_missing() {
        let list = vec![0_u8; 250].to_value();
        let list = list.as_array().expect("a list");
        assert_eq!(list.len(), 101);
        assert_eq!(list[100], "… 150 more");
        let map: BTreeMap<String, usize> = (0..101).map(|n| (format!("k{n:03}"), n)).collect();
        assert_eq!(map.to_value()["…"], "1 more");
    }

    #[test]
    fn a_display_that_fails_is_recorded_as_far_as_it_came() {
        struct Half;
        impl Display for Half {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("half")?;
                Err(std::fmt::Error)
            }
        }
        assert_eq!(by_display(&Half), "half");
    }
}
