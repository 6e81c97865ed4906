// Input

#[capture_errors(late, fields(seats, code = err.code()), ignore = BookingError::Taken | BookingError::Gone, fingerprint = ["booking", err.code()], args(name))]
fn book(seats: u32, name: &str) -> Result<u32, BookingError> {
    Ok(seats)
}
// Output

fn book(seats: u32, name: &str) -> Result<u32, BookingError> {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::ERRORS,
        "book",
        "book",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __call = ::watchpost::__private::enter(&__WATCHPOST_SITE);
    let __out = ::watchpost::__private::call_once(move || -> Result<u32, BookingError> {
        {
            let seats = seats;
            '__body: { Ok(seats) }
        }
    });
    let __face = ::watchpost::__private::faces(&__out).watchpost_face();
    ::watchpost::__private::observe_with(
        __call,
        __out,
        __face,
        |err, __w| {
            match err {
                BookingError::Taken | BookingError::Gone => __w.ignore(),
                _ => {}
            }
            __w.fingerprint(
                ::watchpost::__private::texts(&[&("booking"), &(err.code())]),
            );
            let __v = __w.values();
            __v.field("seats", ::watchpost::__private::value(&(seats)));
            __v.field("code", ::watchpost::__private::value(&(err.code())));
            __v.arg("name", ::watchpost::__private::shown(&(name)).watchpost_value());
        },
    )
}
