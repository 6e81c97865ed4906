use watchpost::Classify;

#[derive(Classify)]
#[classify(ignore)]
union Declined {
    code: u32,
}

fn main() {}
