//! How a value becomes text or a number in what is sent: the one place.

use sentry_core::protocol::Value;

/// A value that may be recorded as it is: numbers, booleans, strings, options of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as it is",
    label = "needs `ToValue`",
    note = "write `%value` to record it by `Display` or `?value` by `Debug`, or implement `watchpost::ToValue`"
)]
pub trait ToValue {
    /// The value as it is sent.
    fn to_value(&self) -> Value;
}

macro_rules! by_from {
    ($($t:ty),*) => { $(impl ToValue for $t { fn to_value(&self) -> Value { Value::from(*self) } })* };
}
by_from!(bool, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64);

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::from(self)
    }
}
impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::from(self.as_str())
    }
}
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}
