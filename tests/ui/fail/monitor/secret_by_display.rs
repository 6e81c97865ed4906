use watchpost::monitor_performance;

struct User {
    email: String,
}

#[monitor_performance(fields(email = %user.email))]
fn book(user: &User) {
    let _ = &user.email;
}

fn main() {}
