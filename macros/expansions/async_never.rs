// Input

#[monitor_performance]
async fn serve() -> ! {
    loop {
        wait().await;
    }
}
// Output

async fn serve() -> ! {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::SPAN,
        "serve",
        "serve",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __future = async move {
        {
            if false {
                return ::watchpost::__private::never::<
                    ::watchpost::__private::Infallible,
                >();
            }
            '__body: {
                loop {
                    wait().await;
                }
            }
        }
    };
    match if ::watchpost::__private::passes() {
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
    } {}
}
