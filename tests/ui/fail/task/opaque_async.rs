use watchpost::monitored_task;

struct Refused;

#[monitored_task("reminders")]
async fn remind(number: u32) -> impl Sized {
    if number == 0 { Err(Refused) } else { Ok(number) }
}

fn main() {
    let _ = remind(1);
}
