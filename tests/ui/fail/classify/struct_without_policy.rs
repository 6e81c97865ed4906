use watchpost::Classify;

#[derive(Classify)]
struct Declined {
    code: u32,
}

fn main() {}
