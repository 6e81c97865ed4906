//! Every annotated function that was compiled into the program, without running any of them.

use crate::CallSite;

/// A call site that has put itself on the list. Built by the macros.
#[derive(Debug)]
pub struct Registered(pub &'static CallSite);

inventory::collect!(Registered);

/// Every annotated function of the program and of the crates in it that are built with the same `watchpost`, in no order.
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
