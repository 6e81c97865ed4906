use watchpost::monitored_task;

#[monitored_task(tags(task.status = "ok"))]
fn remind() {}

fn main() {}
