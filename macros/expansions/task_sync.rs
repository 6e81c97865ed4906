// Input

#[monitored_task("reminders", cron = "0 3 * * *", timezone = "Europe/Berlin", checkin_margin = "5m", max_runtime = "30m")]
fn remind() {}
// Output

fn remind() {
    static __WATCHPOST_SITE: ::watchpost::__private::CallSite = ::watchpost::__private::CallSite::new(
            ::watchpost::__private::Kind::TASK,
            "reminders",
            "remind",
            ::core::module_path!(),
            ::core::file!(),
            ::core::line!(),
        )
        .with_task(
            &::watchpost::__private::TaskSite {
                queue: ::core::option::Option::None,
                report: ::watchpost::__private::Report::EveryAttempt,
                cron: ::core::option::Option::Some(::watchpost::__private::CronSite {
                    slug: "reminders",
                    schedule: "0 3 * * *",
                    timezone: ::core::option::Option::Some("Europe/Berlin"),
                    checkin_margin: ::core::option::Option::Some(5u64),
                    max_runtime: ::core::option::Option::Some(30u64),
                }),
            },
        );
    let __call = ::watchpost::__private::enter_task(
        &__WATCHPOST_SITE,
        ::watchpost::__private::task(&__WATCHPOST_SITE, |_| {}),
    );
    { '__body: {} }
}
