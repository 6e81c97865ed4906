#[watchpost::main("shop", on_config_eror = "exit", on_config_error = "ignore", configure)]
fn main() {}
