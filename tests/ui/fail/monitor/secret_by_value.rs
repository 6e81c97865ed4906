use watchpost::monitor_performance;

struct Card {
    number: String,
}

#[monitor_performance(fields(card_number = card.number.as_str()))]
fn pay(card: &Card) {
    let _ = &card.number;
}

fn main() {}
