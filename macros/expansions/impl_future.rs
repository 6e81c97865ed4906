// Input

#[capture_errors]
fn book(seats: u32) -> impl Future<Output = Result<u32, BookingError>> + Send {
    async move { Ok(seats) }
}
// Output

fn book(seats: u32) -> impl Future<Output = Result<u32, BookingError>> + Send {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::ERRORS,
        "book",
        "book",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let (__future, __returned) = ::watchpost::__private::returned_by(
        ::watchpost::__private::comes_to::<
            Result<u32, BookingError>,
            _,
        >(
            ::watchpost::__private::call_once(move || -> _ {
                {
                    let seats = seats;
                    '__body: { async move { Ok(seats) } }
                }
            }),
        ),
    );
    ::watchpost::__private::watch(
        ::watchpost::__private::watching_with(
            &__WATCHPOST_SITE,
            ::watchpost::__private::Held::new(),
            ::watchpost::__private::observer(
                &__returned,
                ::watchpost::__private::faces_of(&__returned).watchpost_face(),
            ),
        ),
        __future,
    )
}
