import { MODEL } from "../models.js";

const ASK = {
  responses: `const response = await client.responses.create({ model: "${MODEL}", input: "say hi" });
console.log(response.output_text);`,
  chat: `const messages = [{ role: "user", content: "say hi" }];
const completion = await client.chat.completions.create({ model: "${MODEL}", messages });
console.log(completion.choices[0].message.content);`,
};
const STREAM = {
  responses: `const stream = client.responses.stream({ model: "${MODEL}", input: "say hi" });
const { status, error } = await stream.finalResponse();
if (status !== "completed") throw new Error(error.message);`,
  chat: `const messages = [{ role: "user", content: "say hi" }];
await client.chat.completions.stream({ model: "${MODEL}", messages }).finalContent();`,
};
const program = (lines) => ({
  files: { "hi.mjs": `import OpenAI from "openai";\n\nconst client = new OpenAI();\n${lines}` },
  run: `export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)\nnode hi.mjs`,
});

export default {
  name: "openai (npm)",
  install: { npm: "openai" },
  apis: ["responses", "chat"],
  recipe: (api) => program(ASK[api]),
  streamed: (api) => program(STREAM[api]),
};
