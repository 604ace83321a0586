import { MODEL } from "../models.js";

const ENV = `export OPENAI_BASE_URL=http://127.0.0.1:18740/v1 OPENAI_API_KEY=$(usher pass print my-tools)
export OPENAI_AGENTS_DISABLE_TRACING=1`;
const api = (name) => (name === "chat" ? '\nset_default_openai_api("chat_completions")' : "");
const head = (name) => `from agents import Agent, Runner${name === "chat" ? ", set_default_openai_api" : ""}\n${api(name)}
agent = Agent(name="Usher", model="${MODEL}")`;

export default {
  name: "openai-agents (PyPI)",
  install: { pypi: "openai-agents", pinned: "0.24.0" },
  apis: ["responses", "chat"],
  recipe: (name) => ({
    files: { "hi.py": `${head(name)}\nprint(Runner.run_sync(agent, "say hi").final_output)` },
    run: `${ENV}\npython hi.py`,
  }),
  streamed: (name) => ({
    files: {
      "hi.py": `import asyncio

${head(name)}

async def main():
    async for _ in Runner.run_streamed(agent, "say hi").stream_events():
        pass

asyncio.run(main())`,
    },
    run: `${ENV}\npython hi.py`,
  }),
  note: "Without `OPENAI_AGENTS_DISABLE_TRACING` it sends traces to api.openai.com, with your pass as the key.",
};
