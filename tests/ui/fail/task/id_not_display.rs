use watchpost::monitored_task;

pub struct Id;

#[monitored_task(id = id)]
pub fn mail(id: Id) {
    let _ = id;
}

fn main() {}
