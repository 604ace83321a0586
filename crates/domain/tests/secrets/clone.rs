use usher_domain::RefreshToken;

fn main() {
    let token = RefreshToken::new("text");
    let _ = token.clone();
}
