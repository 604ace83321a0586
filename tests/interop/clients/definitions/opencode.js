import { MODEL } from "../models.js";
import { json } from "../recipe.js";

const PACKAGES = {
  responses: "@ai-sdk/openai",
  chat: "@ai-sdk/openai-compatible",
  messages: "@ai-sdk/anthropic",
};

export default {
  name: "opencode",
  install: { npm: "opencode-ai", build: "opencode-linux-x64" },
  apis: ["responses", "chat", "messages"],
  recipe: (api) => ({
    files: {
      "~/.config/opencode/opencode.json": json({
        provider: {
          usher: {
            npm: PACKAGES[api],
            name: "Usher",
            options: { baseURL: "http://127.0.0.1:18740/v1", apiKey: "{env:USHER_PASS}" },
            models: { [MODEL]: {} },
          },
        },
      }),
    },
    run: `export USHER_PASS=$(usher pass print my-tools)\nopencode run -m usher/${MODEL} 'say hi'`,
  }),
  note: "`@ai-sdk/openai-compatible` and `@ai-sdk/anthropic` as `npm` work as well.",
  // It puts arguments with spaces into quotes.
  tool: String.raw`call' bash with '{"command":"echo\u0020from-the-tool","description":"Says"}`,
  cases: (api) => ({
    limit: { again: "waits as long as `retry-after` says and asks again, whatever else the answer says", waits: true },
    cut: api === "chat" && { again: "asks again, each time later" },
  }),
};
