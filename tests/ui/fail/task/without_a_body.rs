use watchpost::monitored_task;

pub trait Remind {
    #[monitored_task]
    fn remind(&self);
}

fn main() {}
