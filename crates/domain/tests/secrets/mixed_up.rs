use usher_domain::{AccessToken, RefreshToken};

fn send(_: &AccessToken) {}

fn main() {
    send(&RefreshToken::new("text"));
}
