use usher_domain::AccessToken;

fn main() {
    let token = AccessToken::new("text");
    let _ = format!("{token:?}");
}
