// Input

#[monitor_performance(op = "business.booking")]
#[capture_errors(category = "booking", level = "warning")]
fn book(&self, mut seats: u32, (row, _): (u32, u32), _: u32, _more: u32) -> Result<u32, BookingError> {
    seats += row;
    Ok(seats)
}
// Output

fn book(
    &self,
    seats: u32,
    __arg2: (u32, u32),
    __arg3: u32,
    __arg4: u32,
) -> Result<u32, BookingError> {
    use capture_errors as _;
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
            ::watchpost::__private::Kind::SPAN.and(::watchpost::__private::Kind::ERRORS),
            "book",
            "book",
            ::core::module_path!(),
            ::core::file!(),
            ::core::line!(),
        )
        .with_op("business.booking")
        .with_category("booking")
        .with_level(::watchpost::__private::Level::Warning);
    let __call = ::watchpost::__private::enter(&__WATCHPOST_SITE);
    let __out = ::watchpost::__private::call_once(move || -> Result<u32, BookingError> {
        {
            let mut seats = seats;
            let __arg2 = __arg2;
            let (row, _) = __arg2;
            let __arg3 = __arg3;
            let __arg4 = __arg4;
            '__body: {
                seats += row;
                Ok(seats)
            }
        }
    });
    let __face = ::watchpost::__private::faces(&__out).watchpost_face();
    ::watchpost::__private::observe(__call, __out, __face)
}
