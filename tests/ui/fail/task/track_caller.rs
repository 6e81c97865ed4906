use watchpost::monitored_task;

#[monitored_task]
#[track_caller]
fn remind() -> Result<(), String> {
    Ok(())
}

fn main() {}
