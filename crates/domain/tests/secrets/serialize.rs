use usher_domain::RefreshToken;

#[derive(serde::Serialize)]
struct Answer {
    token: RefreshToken,
}

fn main() {}
