struct Booking;

fn book(booking: &Booking) {
    watchpost::add_context(booking);
}

fn main() {}
