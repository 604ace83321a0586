//! `usher run`: a program with a pass of its own.

mod budget;
mod ending;
mod program;

use usher_sandbox::Sandbox;
use usher_tests::{Gateway, Home, Response, free_port, signed_in};

/// Asks the model with what the environment has, and prints the whole response.
const ASK: &str = r#"curl -isS "$OPENAI_BASE_URL/responses" -H "Authorization: Bearer $OPENAI_API_KEY" -H 'content-type: application/json' -d '{"model":"","input":"Say ready."}'"#;

/// Returns a sandbox and a home that is signed in, where programs are found.
async fn home_for_programs() -> (Sandbox, Home) {
    let (sandbox, mut home) = signed_in().await;
    home.set("PATH", "/usr/local/bin:/usr/bin:/bin");
    (sandbox, home)
}

/// Gives `home` a port of its own for the gateway, and returns it.
fn with_free_port(home: &Home) -> u16 {
    let port = free_port();
    home.write("config.toml", &format!("version = 1\n\n[gateway]\nport = {port}\n"));
    port
}

/// Asks for the models with another pass than the gateway's own.
async fn ask_with(gateway: &Gateway, pass: &str) -> Response {
    gateway.send("GET", "/v1/models", &[("authorization", &format!("Bearer {pass}"))], "").await
}
