use watchpost::monitor_performance;

#[monitor_performance(fields(password))]
fn sign_in(password: &str) {
    let _ = password;
}

fn main() {}
