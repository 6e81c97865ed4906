// Input

#[monitor_performance(op = "business")]
#[capture_errors(category = "booking")]
impl<T> Bookings<T> {
    const LIMIT: usize = 5;
    fn create(&self) -> Result<T, BookingError> {
        Ok(self.make())
    }
    #[monitor_performance(skip)]
    fn make(&self) -> T {
        self.0.clone()
    }
}
// Output

impl<T> Bookings<T> {
    const LIMIT: usize = 5;
    fn create(&self) -> Result<T, BookingError> {
        static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
                ::watchpost::__private::Kind::SPAN
                    .and(::watchpost::__private::Kind::ERRORS),
                "Bookings::create",
                "Bookings::create",
                ::core::module_path!(),
                ::core::file!(),
                ::core::line!(),
            )
            .with_op("business")
            .with_category("booking");
        let __call = ::watchpost::__private::enter(&__WATCHPOST_SITE);
        let __out = ::watchpost::__private::call_once(move || -> Result<T, BookingError> {
            { '__body: { Ok(self.make()) } }
        });
        let __face = ::watchpost::__private::faces(&__out).watchpost_face();
        ::watchpost::__private::observe(__call, __out, __face)
    }
    fn make(&self) -> T {
        self.0.clone()
    }
}
const _: () = {
    use capture_errors as _;
    use monitor_performance as _;
};
