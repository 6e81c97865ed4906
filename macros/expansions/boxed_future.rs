// Input

#[monitor_performance(fields(seats))]
#[capture_errors]
fn book<'a>(&'a self, seats: u32) -> Pin<Box<dyn Future<Output = Result<u32, BookingError>> + Send + 'a>> {
    Box::pin(async move { Ok(seats) })
}
// Output

fn book<'a>(
    &'a self,
    seats: u32,
) -> Pin<Box<dyn Future<Output = Result<u32, BookingError>> + Send + 'a>> {
    use capture_errors as _;
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::SPAN.and(::watchpost::__private::Kind::ERRORS),
        "book",
        "book",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let mut __held = ::watchpost::__private::Held::new();
    let __lent = &mut __held;
    let (__future, __returned) = ::watchpost::__private::returned_by(
        ::watchpost::__private::call_once(move || -> Pin<
            Box<dyn Future<Output = Result<u32, BookingError>> + Send + 'a>,
        > {
            {
                let seats = seats;
                __lent
                    .take(
                        &__WATCHPOST_SITE,
                        |__v| {
                            __v.field("seats", ::watchpost::__private::value(&(seats)));
                        },
                    );
                '__body: { Box::pin(async move { Ok(seats) }) }
            }
        }),
    );
    ::watchpost::__private::Box::pin(
        ::watchpost::__private::watch(
            ::watchpost::__private::watching_with(
                &__WATCHPOST_SITE,
                __held,
                ::watchpost::__private::observer(
                    &__returned,
                    ::watchpost::__private::faces_of(&__returned).watchpost_face(),
                ),
            ),
            __future,
        ),
    )
}
