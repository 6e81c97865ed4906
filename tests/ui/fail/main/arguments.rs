#[watchpost::main]
fn main(name: String) {
    drop(name);
}
