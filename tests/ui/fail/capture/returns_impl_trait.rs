use watchpost::capture_errors;

#[capture_errors]
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
}

fn main() {
    let _ = letters("a");
}
