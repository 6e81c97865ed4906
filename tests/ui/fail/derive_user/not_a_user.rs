struct Claims;

fn sign_in(claims: &Claims) {
    watchpost::set_user(claims);
}

fn main() {}
