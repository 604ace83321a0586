// The npm package `@anthropic-ai/sdk`, used as documented. anthropic_sdk.py has the same cases.
import Anthropic from "@anthropic-ai/sdk";
import { model, serve } from "./runner.js";

const client = new Anthropic({ maxRetries: 0 });
const max_tokens = 4096;
const input_schema = { type: "object", properties: { at: { type: "string" } }, required: ["at"] };
const schema = {
  type: "object",
  properties: { word: { type: "string" } },
  required: ["word"],
  additionalProperties: false,
};
const tools = ["look", "listen"].map((name) => ({ name, description: "Looks", input_schema }));
const user = (content) => ({ role: "user", content });
const textOf = (message) =>
  message.content
    .filter((block) => block.type === "text")
    .map((block) => block.text)
    .join("");
const ask = (messages, more = {}) => client.messages.create({ model, max_tokens, messages, ...more });

async function streamed(given) {
  const result = { text: "", deltas: 0 };
  const stream = client.messages.stream({ model, max_tokens, messages: [user(given)] });
  stream.on("text", (text) => {
    result.text += text;
    result.deltas += 1;
  });
  const message = await stream.finalMessage();
  return { ...result, stop: message.stop_reason, tokens: message.usage.output_tokens };
}

async function called(given, stream, more = {}) {
  const asked = { model, max_tokens, tools, ...more };
  const send = (messages) =>
    stream
      ? client.messages.stream({ ...asked, messages }).finalMessage()
      : client.messages.create({ ...asked, messages });
  const first = await send([user(given)]);
  const calls = first.content.filter((block) => block.type === "tool_use");
  const results = calls.map((call) => ({
    type: "tool_result",
    tool_use_id: call.id,
    content: `${call.name} is clear`,
  }));
  const last = await send([user(given), { role: "assistant", content: first.content }, user(results)]);
  return {
    stop: first.stop_reason,
    blocks: first.content.map((block) => block.type),
    thought: first.content.find((block) => block.type === "thinking")?.thinking ?? null,
    calls: calls.map((call) => ({ name: call.name, input: call.input })),
    text: textOf(last),
  };
}

async function cancelled(given) {
  const stream = await ask([user(given)], { stream: true });
  for await (const event of stream) if (event.type === "content_block_delta") stream.controller.abort();
  return { aborted: stream.controller.signal.aborted };
}

await serve({
  one_shot: async (given) => ({ text: textOf(await ask([user(given)])) }),
  streaming: streamed,
  tools: (given) => called(given, false),
  tools_streamed: (given) => called(given, true),
  thinking: (given) => called(given, false, { thinking: { type: "enabled", budget_tokens: 1024 } }),
  thinking_streamed: (given) => called(given, true, { thinking: { type: "enabled", budget_tokens: 1024 } }),
  image: async (given) => {
    const [, media_type, data] = /^data:(.*?);base64,(.*)$/.exec(given);
    const image = { type: "image", source: { type: "base64", media_type, data } };
    return { text: textOf(await ask([user([image, { type: "text", text: "look" }])])) };
  },
  structured: async (given) => {
    const message = await ask([user(given)], { output_config: { format: { type: "json_schema", schema } } });
    return JSON.parse(textOf(message));
  },
  cancel: cancelled,
  count_tokens: async (given) => ({
    tokens: (await client.messages.countTokens({ model, messages: [user(given)] })).input_tokens,
  }),
  models: async () => {
    const ids = [];
    for await (const known of client.models.list()) ids.push(known.id);
    return { ids, one: (await client.models.retrieve(model)).id };
  },
});
