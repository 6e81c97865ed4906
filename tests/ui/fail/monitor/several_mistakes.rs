use watchpost::monitor_performance;

#[monitor_performance("", opp = "business", slow = "5", fields(password))]
fn book(password: &str) {
    let _ = password;
}

fn main() {}
