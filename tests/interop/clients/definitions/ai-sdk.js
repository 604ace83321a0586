import { MODEL } from "../models.js";

const OPENAI = {
  env: "export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)",
  from: 'import { openai } from "@ai-sdk/openai";',
};
const SETUPS = {
  responses: { ...OPENAI, model: `openai("${MODEL}")` },
  chat: { ...OPENAI, model: `openai.chat("${MODEL}")` },
  messages: {
    env: "export ANTHROPIC_BASE_URL=http://127.0.0.1:18740/v1 ANTHROPIC_API_KEY=$(usher pass print my-tools)",
    from: 'import { anthropic } from "@ai-sdk/anthropic";',
    model: `anthropic("${MODEL}")`,
  },
};
const program = (api, call, lines) => ({
  files: {
    "hi.mjs": `${SETUPS[api].from}
import { ${call} } from "ai";

${lines(`{ model: ${SETUPS[api].model}, prompt: "say hi" }`)}`,
  },
  run: `${SETUPS[api].env}\nnode hi.mjs`,
});

export default {
  name: "Vercel AI SDK",
  install: {
    npm: "ai",
    pinned: "7.0.173",
    besides: { "@ai-sdk/openai": "4.0.118", "@ai-sdk/anthropic": "4.0.105" },
  },
  apis: ["responses", "chat", "messages"],
  recipe: (api) =>
    program(api, "generateText", (request) => `const { text } = await generateText(${request});\nconsole.log(text);`),
  streamed: (api) =>
    program(
      api,
      "streamText",
      (request) => `const { fullStream } = streamText(${request});
for await (const part of fullStream) if (part.type === "error") throw part.error;`,
    ),
  note: `\`openai.chat("${MODEL}")\` and, of \`@ai-sdk/anthropic\`, \`anthropic("${MODEL}")\` work as well.
\`ANTHROPIC_BASE_URL\` ends with \`/v1\` there, too.`,
};
