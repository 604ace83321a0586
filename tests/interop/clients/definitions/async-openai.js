import { MODEL } from "../models.js";

// Without TLS, which 127.0.0.1 does not have.
const MANIFEST = `[package]
name = "hi"
version = "0.1.0"
edition = "2024"

[dependencies]
async-openai = { version = "=0.43.0", default-features = false, features = ["responses"] }
futures = "0.3"
tokio = { version = "1", features = ["macros", "rt"] }`;

const program = (names, lines) => ({
  files: {
    "Cargo.toml": MANIFEST,
    "src/main.rs": `use async_openai::Client;
use async_openai::types::responses::${names};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new();
    let request = CreateResponseArgs::default().model("${MODEL}").input("say hi").build()?;
${lines}
    Ok(())
}`,
  },
  run: `export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)\ncargo run --quiet`,
});

const AGAIN = "waits as long as `retry-after` says and asks again, whatever else the answer says";

export default {
  name: "async-openai",
  install: { cargo: "async-openai", pinned: "0.43.0" },
  apis: ["responses"],
  recipe: () =>
    program(
      "CreateResponseArgs",
      `    let response = client.responses().create(request).await?;
    println!("{}", response.output_text().unwrap_or_default());`,
    ),
  streamed: () =>
    program(
      "{CreateResponseArgs, ResponseStreamEvent}",
      `    let mut stream = client.responses().create_stream(request).await?;
    while let Some(event) = futures::StreamExt::next(&mut stream).await {
        if let ResponseStreamEvent::ResponseFailed(failed) = event? {
            return Err(failed.response.error.map(|error| error.message).unwrap_or_default().into());
        }
    }`,
    ),
  cases: () => ({ limit: { again: AGAIN, waits: true } }),
};
