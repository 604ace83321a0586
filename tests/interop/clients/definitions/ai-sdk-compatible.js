import { MODEL } from "../models.js";

const program = (call, lines) => ({
  files: {
    "hi.mjs": `import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ${call} } from "ai";

const usher = createOpenAICompatible({
  name: "usher",
  baseURL: "http://127.0.0.1:18740/v1",
  apiKey: process.env.USHER_PASS,
});
${lines(`{ model: usher("${MODEL}"), prompt: "say hi" }`)}`,
  },
  run: `export USHER_PASS=$(usher pass print my-tools)\nnode hi.mjs`,
});

export default {
  name: "Vercel AI SDK, openai-compatible",
  install: { npm: "@ai-sdk/openai-compatible", pinned: "3.0.92", besides: { ai: "7.0.173" } },
  apis: ["chat"],
  recipe: () =>
    program("generateText", (request) => `const { text } = await generateText(${request});\nconsole.log(text);`),
  streamed: () =>
    program(
      "streamText",
      (request) => `const { fullStream } = streamText(${request});
for await (const part of fullStream) if (part.type === "error") throw part.error;`,
    ),
};
