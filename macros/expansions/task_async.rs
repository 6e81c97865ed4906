// Input

#[monitored_task(queue = "mail", id = job.id, attempt = job.attempt, max_attempts = 5, enqueued_at = job.enqueued_at, trace = job.trace, slow = "30s")]
async fn mail(Json(job): Json<Job>) -> Result<(), MailError> {
    send(job).await
}
// Output

async fn mail(__arg0: Json<Job>) -> Result<(), MailError> {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
            ::watchpost::__private::Kind::TASK,
            "mail",
            "mail",
            ::core::module_path!(),
            ::core::file!(),
            ::core::line!(),
        )
        .with_slow_millis(30000u64)
        .with_task(
            &::watchpost::__private::TaskSite {
                queue: ::core::option::Option::Some("mail"),
                report: ::watchpost::__private::Report::LastAttempt,
                cron: ::core::option::Option::None,
            },
        );
    let __task = {
        let Json(job) = &__arg0;
        ::watchpost::__private::task(
            &__WATCHPOST_SITE,
            |__t| {
                __t.id(&(job.id));
                __t.attempt(job.attempt);
                __t.max_attempts(5);
                __t.enqueued_at(
                    ::watchpost::__private::when(&(job.enqueued_at)).watchpost_time(),
                );
                __t.trace(&(job.trace));
            },
        )
    };
    let __future = async move {
        {
            if false {
                return ::watchpost::__private::never::<Result<(), MailError>>();
            }
            let __arg0 = __arg0;
            let Json(job) = __arg0;
            '__body: { send(job).await }
        }
    };
    let __returned = ::watchpost::__private::Returned::<Result<(), MailError>>::named();
    ::watchpost::__private::watch(
            ::watchpost::__private::watching_task(
                &__WATCHPOST_SITE,
                __task,
                ::watchpost::__private::Held::new(),
                ::watchpost::__private::observer(
                    &__returned,
                    ::watchpost::__private::faces_of(&__returned).watchpost_face(),
                ),
            ),
            __future,
        )
        .await
}
