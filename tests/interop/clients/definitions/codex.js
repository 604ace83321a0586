import { MODEL } from "../models.js";

export default {
  name: "Codex CLI",
  install: { npm: "@openai/codex" },
  apis: ["responses"],
  recipe: () => ({
    files: {
      "~/.codex/config.toml": `model = "${MODEL}"
model_provider = "usher"

[model_providers.usher]
name = "Usher"
base_url = "http://127.0.0.1:18740/v1"
wire_api = "responses"
auth = { command = "usher", args = ["pass", "print", "my-tools"] }`,
    },
    run: "codex exec --skip-git-repo-check 'say hi'",
  }),
  cases: () => ({
    "bad pass": { again: "asks for the pass again and tries six times within 7 s" },
    cut: { again: "tries six times, then exit 1" },
  }),
};
