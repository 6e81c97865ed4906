// Input

#[monitor_performance]
fn book(seats: u32) -> Booked {
    Booked(seats)
}
// Output

fn book(seats: u32) -> Booked {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::SPAN,
        "book",
        "book",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __call = ::watchpost::__private::enter(&__WATCHPOST_SITE);
    let __out = ::watchpost::__private::call_once(move || -> Booked {
        {
            let seats = seats;
            '__body: { Booked(seats) }
        }
    });
    let __returned = ::watchpost::__private::returned(&__out);
    let __way = ::watchpost::__private::ask(&__returned).watchpost_way();
    ::watchpost::__private::at_the_call(&__way);
    let __face = ::watchpost::__private::faces_by(&__way, &__returned).watchpost_face();
    ::watchpost::__private::settle(__way, __call, __out, __face)
}
