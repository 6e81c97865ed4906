use watchpost::monitor_performance;

struct Cart;

#[monitor_performance(fields(user, cart = %cart.0))]
fn book(user: u32, cart: (Cart, u32)) {
    let _ = (user, cart);
}

fn main() {}
