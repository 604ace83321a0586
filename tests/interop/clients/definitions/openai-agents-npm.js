import { MODEL } from "../models.js";

const ENV = `export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)
export OPENAI_AGENTS_DISABLE_TRACING=1`;
const head = (api) =>
  `import { Agent, run${api === "chat" ? ", setOpenAIAPI" : ""} } from "@openai/agents";
${api === "chat" ? '\nsetOpenAIAPI("chat_completions");' : ""}
const agent = new Agent({ name: "Usher", model: "${MODEL}" });`;

export default {
  name: "@openai/agents (npm)",
  install: { npm: "@openai/agents", pinned: "0.20.0", besides: { zod: "4" } },
  apis: ["responses", "chat"],
  recipe: (api) => ({
    files: { "hi.mjs": `${head(api)}\nconst result = await run(agent, "say hi");\nconsole.log(result.finalOutput);` },
    run: `${ENV}\nnode hi.mjs`,
  }),
  streamed: (api) => ({
    files: {
      "hi.mjs": `${head(api)}
const result = await run(agent, "say hi", { stream: true });
for await (const event of result);
await result.completed;`,
    },
    run: `${ENV}\nnode hi.mjs`,
  }),
  cases: (api) =>
    api === "responses" && {
      cut: { says: /terminal state "response.failed"/, reason: "exits with 1, but leaves out why the response failed" },
    },
  note: "Without `OPENAI_AGENTS_DISABLE_TRACING` it sends traces to api.openai.com, with your pass as the key.",
};
