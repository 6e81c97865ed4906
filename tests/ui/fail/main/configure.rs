#[watchpost::main(configure = |config| config.sample_rat(0.5))]
fn main() {}
