// Input

#[capture_errors]
fn seats(self, free: impl Iterator<Item = u32>) -> Result<impl Iterator<Item = u32>, BookingError> {
    Ok(free.filter(|seat| *seat > self.first))
}
// Output

fn seats(
    self,
    free: impl Iterator<Item = u32>,
) -> Result<impl Iterator<Item = u32>, BookingError> {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::ERRORS,
        "seats",
        "seats",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __call = ::watchpost::__private::enter(&__WATCHPOST_SITE);
    let __out = ::watchpost::__private::call_once(move || -> Result<_, BookingError> {
        {
            let _ = &self;
            let free = free;
            '__body: { Ok(free.filter(|seat| *seat > self.first)) }
        }
    });
    let __face = ::watchpost::__private::faces(&__out).watchpost_face();
    ::watchpost::__private::observe(__call, __out, __face)
}
