// Input

#[monitor_performance(slow = "500ms", fields(seats, name = %name))]
fn book(seats: u32, name: &str) -> u32 {
    seats + 1
}
// Output

fn book(seats: u32, name: &str) -> u32 {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
            ::watchpost::__private::Kind::SPAN,
            "book",
            "book",
            ::core::module_path!(),
            ::core::file!(),
            ::core::line!(),
        )
        .with_slow_millis(500u64);
    let __call = ::watchpost::__private::enter(&__WATCHPOST_SITE);
    ::watchpost::__private::values(
        &__WATCHPOST_SITE,
        |__v| {
            __v.field("seats", ::watchpost::__private::value(&(seats)));
            __v.field("name", ::watchpost::__private::display(&(name)));
        },
    );
    { '__body: { seats + 1 } }
}
