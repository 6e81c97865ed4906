// Input

#[monitor_performance(fields(seats))]
#[capture_errors]
async fn book(seats: u32) -> Result<u32, BookingError> {
    Ok(seats)
}
// Output

async fn book(seats: u32) -> Result<u32, BookingError> {
    use capture_errors as _;
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::SPAN.and(::watchpost::__private::Kind::ERRORS),
        "book",
        "book",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __future = async move {
        {
            if false {
                return ::watchpost::__private::never::<Result<u32, BookingError>>();
            }
            let seats = seats;
            ::watchpost::__private::values(
                &__WATCHPOST_SITE,
                |__v| {
                    __v.field("seats", ::watchpost::__private::value(&(seats)));
                },
            );
            '__body: { Ok(seats) }
        }
    };
    let __returned = ::watchpost::__private::Returned::<
        Result<u32, BookingError>,
    >::named();
    if ::watchpost::__private::passes() {
        __future.await
    } else {
        ::watchpost::__private::watch(
                ::watchpost::__private::watching(
                    &__WATCHPOST_SITE,
                    ::watchpost::__private::observer(
                        &__returned,
                        ::watchpost::__private::faces_of(&__returned).watchpost_face(),
                    ),
                ),
                __future,
            )
            .await
    }
}
