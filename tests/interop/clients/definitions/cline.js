import { MODEL } from "../models.js";

const PROVIDERS = { responses: "openai-native", chat: "openai" };

export default {
  name: "cline",
  install: { npm: "cline", build: "@cline/cli-linux-x64" },
  apis: ["responses", "chat"],
  recipe: (api) => ({
    run: [
      `cline auth -p ${PROVIDERS[api]} -b http://127.0.0.1:18740/v1 -k "$(usher pass print my-tools)" -m ${MODEL}`,
      "cline 'say hi'",
    ].join("\n"),
  }),
  tool: 'call run_commands with {"commands":["echo from-the-tool"]}',
  cases: () => ({ limit: { again: "asks again without end, each time later" } }),
};
