// Input

#[capture_errors(tags(currency, provider = "stripe"), fields(amount, code = err.code()), context = PaymentContext { amount }, args(amount))]
async fn pay(amount: u32, currency: &str) -> Result<u32, PaymentError> {
    Ok(amount)
}
// Output

async fn pay(amount: u32, currency: &str) -> Result<u32, PaymentError> {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
        ::watchpost::__private::Kind::ERRORS,
        "pay",
        "pay",
        ::core::module_path!(),
        ::core::file!(),
        ::core::line!(),
    );
    let __future = async move {
        {
            if false {
                return ::watchpost::__private::never::<Result<u32, PaymentError>>();
            }
            let amount = amount;
            let currency = currency;
            ::watchpost::__private::values(
                &__WATCHPOST_SITE,
                |__v| {
                    __v.field("amount", ::watchpost::__private::value(&(amount)));
                    __v.tag("currency", &(currency));
                    __v.tag("provider", &("stripe"));
                    __v.arg(
                        "amount",
                        ::watchpost::__private::shown(&(amount)).watchpost_value(),
                    );
                    __v.context(&(PaymentContext { amount }));
                },
            );
            '__body: { Ok(amount) }
        }
    };
    let __returned = ::watchpost::__private::Returned::<
        Result<u32, PaymentError>,
    >::named();
    if ::watchpost::__private::passes() {
        __future.await
    } else {
        ::watchpost::__private::watch(
                ::watchpost::__private::watching(
                    &__WATCHPOST_SITE,
                    ::watchpost::__private::observed_by(
                        &__returned,
                        move |__call, __out| {
                            let __face = ::watchpost::__private::faces(__out)
                                .watchpost_face();
                            ::watchpost::__private::observed_with(
                                __call,
                                __out,
                                __face,
                                |err, __w| {
                                    let __v = __w.values();
                                    __v.field(
                                        "code",
                                        ::watchpost::__private::value(&(err.code())),
                                    );
                                },
                            )
                        },
                    ),
                ),
                __future,
            )
            .await
    }
}
