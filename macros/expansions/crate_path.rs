// Input

#[monitor_performance("booking", crate = ::vendored::watchpost, metric, root, scope)]
fn book() {}
// Output

fn book() {
    static __WATCHPOST_SITE: ::vendored::watchpost::__private::CallSite = ::vendored::watchpost::__private::CallSite::new(
        ::vendored::watchpost::__private::Kind::SPAN
            .and(::vendored::watchpost::__private::Kind::ROOT)
            .and(::vendored::watchpost::__private::Kind::SCOPE)
            .and(::vendored::watchpost::__private::Kind::METRIC),
        "booking",
        "book",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __call = ::vendored::watchpost::__private::enter(&__WATCHPOST_SITE);
    { '__body: {} }
}
