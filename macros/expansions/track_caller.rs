// Input

#[monitor_performance]
#[track_caller]
fn book(seats: u32) -> Result<u32, BookingError> {
    Ok(seats)
}
// Output

#[track_caller]
fn book(seats: u32) -> Result<u32, BookingError> {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::SPAN,
        "book",
        "book",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __call = ::watchpost::__private::enter(&__WATCHPOST_SITE);
    { '__body: { Ok(seats) } }
}
