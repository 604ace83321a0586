import { CLAUDE_MODEL } from "../models.js";

const REQUEST = `{
  model: "${CLAUDE_MODEL}",
  max_tokens: 1000,
  messages: [{ role: "user", content: "say hi" }],
}`;
const program = (lines) => ({
  files: { "hi.mjs": `import Anthropic from "@anthropic-ai/sdk";\n\nconst client = new Anthropic();\n${lines}` },
  run: `export ANTHROPIC_BASE_URL=http://127.0.0.1:18740 ANTHROPIC_AUTH_TOKEN=$(usher pass print my-tools)\nnode hi.mjs`,
});

export default {
  name: "@anthropic-ai/sdk (npm)",
  install: { npm: "@anthropic-ai/sdk" },
  apis: ["messages"],
  recipe: () => program(`const message = await client.messages.create(${REQUEST});\nconsole.log(message.content[0].text);`),
  streamed: () => program(`console.log(await client.messages.stream(${REQUEST}).finalText());`),
};
