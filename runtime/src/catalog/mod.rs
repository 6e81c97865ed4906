//! What was annotated in the program, without running any of it.

mod answer;

pub(crate) use self::answer::answer_if_asked;
use crate::CallSite;

/// A call site that has put itself on the list. Built by the macros.
#[derive(Debug)]
pub struct Registered(pub &'static CallSite);

inventory::collect!(Registered);

/// Every annotated function of the program and of the crates in it that are built with the same `watchpost`, in no order.
///
/// A program with the feature `catalog` that is started with `WATCHPOST_CATALOG=json` says the same as JSON, with
/// [`catalog_of_types`], where it would begin to be monitored, and ends: that is what `watchpost catalog BINARY` reads.
///
/// ```
/// # #[cfg(not(feature = "off"))] {
/// #[watchpost::monitor_performance("booking_creation", op = "business.booking")]
/// fn create_booking() {}
///
/// let site = watchpost::catalog().find(|site| site.name() == "booking_creation").unwrap();
/// assert_eq!(site.op(), "business.booking");
/// assert_eq!(site.function(), "create_booking");
/// # }
/// ```
pub fn catalog() -> impl Iterator<Item = &'static CallSite> {
    inventory::iter::<Registered>.into_iter().map(|registered| registered.0)
}

/// One type with a derive, as the macros describe it.
#[derive(Debug)]
pub struct TypeSite {
    /// Which derive it is.
    pub derive: Derived,
    /// The context's name; of the others the type's.
    pub name: &'static str,
    /// The type as it is written, without its parameters.
    pub type_name: &'static str,
    /// The module path.
    pub module: &'static str,
    /// The source file, as the compiler was given it.
    pub file: &'static str,
    /// The line of the type's name, from 1.
    pub line: u32,
    /// Of errors: the categories that it or its variants name, each once.
    pub categories: &'static [&'static str],
}

/// The derives that a [`TypeSite`] tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// `#[derive(SentryContext)]`
    Context,
    /// `#[derive(SentryUser)]`
    User,
    /// `#[derive(Classify)]`
    Errors,
}

/// A type that has put itself on the list. Built by the macros.
#[derive(Debug)]
pub struct RegisteredType(pub TypeSite);

inventory::collect!(RegisteredType);

/// Every context, user and error type of the program with one of the derives, in no order.
///
/// ```
/// # #[cfg(not(feature = "off"))] {
/// #[derive(watchpost::Classify)]
/// #[classify(category = "payment")]
/// enum PaymentError {
///     #[classify(level = "warning")]
///     Declined,
/// }
///
/// let site = watchpost::catalog_of_types().find(|site| site.name == "PaymentError").unwrap();
/// assert_eq!(site.categories, ["payment"]);
/// # let _ = PaymentError::Declined;
/// # }
/// ```
pub fn catalog_of_types() -> impl Iterator<Item = &'static TypeSite> {
    inventory::iter::<RegisteredType>.into_iter().map(|registered| &registered.0)
}
