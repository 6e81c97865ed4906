use watchpost::monitor_performance;

#[monitor_performance(fields(user = load(id).await))]
async fn book(id: u32) {
    let _ = id;
}

async fn load(id: u32) -> u32 {
    id
}

fn main() {}
