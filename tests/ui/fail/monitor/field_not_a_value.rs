use watchpost::monitor_performance;

struct Cart;

#[monitor_performance(fields(cart))]
fn book(cart: Cart) {
    let _ = cart;
}

fn main() {}
