use watchpost::monitored_task;

pub struct Reminders;

#[monitored_task]
impl Reminders {
    pub fn all(&self) {}
}

fn main() {}
