//! The catalogue knows every annotated function that was compiled in.

use watchpost::site::Kind;
use watchpost::{CallSite, capture_errors, catalog, monitor_performance, monitored_task};

#[monitor_performance("listed_span", op = "test.catalog", slow = "2s")]
fn never_called() {}

#[capture_errors(category = "catalog", level = "warning")]
#[monitor_performance]
async fn r#async_and_generic<T: Send>(value: T) -> Result<T, String> {
    Ok(value)
}

#[monitored_task("listed_task", cron = "0 3 * * *", slug = "listed", timezone = "Europe/Berlin")]
fn scheduled() {}

struct Listed;

#[monitor_performance]
impl Listed {
    fn method(&self) {}
}

fn find(function: &str) -> &'static CallSite {
    let mut found = catalog().filter(|site| site.function() == function && site.module().ends_with("::catalog"));
    let first = found.next().expect("the function is listed");
    assert!(found.next().is_none(), "{function} is listed once");
    first
}

#[test]
fn what_is_annotated_is_listed() {
    let span = find("never_called");
    assert_eq!((span.name(), span.op()), ("listed_span", "test.catalog"));
    assert!(span.kind().has(Kind::SPAN) && !span.kind().has(Kind::ERRORS));
    assert_eq!(span.slow().map(|slow| slow.as_secs()), Some(2));
    assert!(span.file().ends_with("catalog.rs"), "{}", span.file());

    let both = find("async_and_generic");
    assert_eq!(both.kind(), Kind::SPAN.and(Kind::ERRORS));
    assert_eq!((both.category(), both.level()), (Some("catalog"), Some(watchpost::Level::Warning)));

    let task = find("scheduled").task().expect("it is a task");
    let cron = task.cron.expect("it has a schedule");
    assert_eq!((cron.slug, cron.schedule, cron.timezone), ("listed", "0 3 * * *", Some("Europe/Berlin")));

    assert_eq!(find("Listed::method").name(), "Listed::method");
}

#[test]
fn lines_are_those_of_the_names() {
    let here = line!();
    #[monitor_performance]
    #[capture_errors]
    fn listed_here() -> Result<(), String> {
        Ok(())
    }
    assert_eq!(find("listed_here").line(), here + 3);
    assert!(listed_here().is_ok());
}

#[test]
fn the_listed_functions_can_be_called() {
    never_called();
    drop(async_and_generic(5));
    scheduled();
    Listed.method();
}
