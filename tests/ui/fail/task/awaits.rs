use watchpost::monitored_task;

#[monitored_task(id = load().await)]
async fn remind() {}

async fn load() -> u32 {
    5
}

fn main() {}
