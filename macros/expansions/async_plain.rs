// Input

#[monitor_performance]
async fn book(seats: u32) {
    wait(seats).await;
}
// Output

async fn book(seats: u32) {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::SPAN,
        "book",
        "book",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __future = async move {
        {
            if false {
                return ::watchpost::__private::never::<()>();
            }
            let seats = seats;
            '__body: {
                wait(seats).await;
            }
        }
    };
    if ::watchpost::__private::passes() {
        __future.await
    } else {
        ::watchpost::__private::watch(
                ::watchpost::__private::watching(
                    &__WATCHPOST_SITE,
                    ::watchpost::__private::Done,
                ),
                __future,
            )
            .await
    }
}
