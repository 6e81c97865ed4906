// Input

#[monitor_performance]
fn stop() -> ! {
    std::process::exit(1)
}
// Output

fn stop() -> ! {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::SPAN,
        "stop",
        "stop",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __call = ::watchpost::__private::enter(&__WATCHPOST_SITE);
    { '__body: { std::process::exit(1) } }
}
