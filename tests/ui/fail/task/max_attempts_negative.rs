use watchpost::monitored_task;

#[monitored_task("report", attempt = attempt, max_attempts = -1)]
fn report(attempt: i32) {
    let _ = attempt;
}

fn main() {}
