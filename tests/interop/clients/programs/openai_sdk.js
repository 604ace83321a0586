// The npm package `openai`, used as documented. openai_sdk.py has the same cases.
import OpenAI from "openai";
import { model, serve } from "./runner.js";

const client = new OpenAI({ maxRetries: 0 });
const parameters = {
  type: "object",
  properties: { at: { type: "string" } },
  required: ["at"],
  additionalProperties: false,
};
const schema = {
  type: "object",
  properties: { word: { type: "string" } },
  required: ["word"],
  additionalProperties: false,
};
const functions = (names) =>
  names.map((name) => ({ type: "function", name, description: "Looks", parameters, strict: true }));
const answered = (name) => `${name} is clear`;

async function streamed(given) {
  const result = { text: "", deltas: 0, kinds: [] };
  const stream = await client.responses.create({ model, input: given, stream: true });
  for await (const event of stream) {
    result.kinds.push(event.type);
    if (event.type === "response.output_text.delta") {
      result.text += event.delta;
      result.deltas += 1;
    }
    if (event.type === "response.failed") result.failed = event.response.error;
  }
  return result;
}

async function tools(given, stream) {
  const asked = { model, tools: functions(["look", "listen"]), parallel_tool_calls: true };
  const ask = async (input) =>
    stream
      ? client.responses.stream({ ...asked, input }).finalResponse()
      : client.responses.create({ ...asked, input });
  const input = [{ role: "user", content: given }];
  const first = await ask(input);
  const calls = first.output.filter((item) => item.type === "function_call");
  input.push(...first.output);
  for (const call of calls)
    input.push({ type: "function_call_output", call_id: call.call_id, output: answered(call.name) });
  const last = await ask(input);
  return {
    calls: calls.map((call) => ({ name: call.name, input: JSON.parse(call.arguments) })),
    text: last.output_text,
  };
}

async function reasoning(given) {
  const asked = {
    model,
    reasoning: { effort: "low", summary: "auto" },
    include: ["reasoning.encrypted_content"],
    store: false,
  };
  const input = [{ role: "user", content: given }];
  const first = await client.responses.create({ ...asked, input });
  const thought = first.output.find((item) => item.type === "reasoning");
  const second = await client.responses.create({
    ...asked,
    input: [...input, ...first.output, { role: "user", content: "go on" }],
  });
  return { thought: thought?.summary[0]?.text, sealed: thought?.encrypted_content, text: second.output_text };
}

async function cancelled(given) {
  const stream = await client.responses.create({ model, input: given, stream: true });
  for await (const event of stream)
    if (event.type === "response.output_text.delta") stream.controller.abort();
  return { aborted: stream.controller.signal.aborted };
}

const chat = (given, more = {}) =>
  client.chat.completions.create({ model, messages: [{ role: "user", content: given }], ...more });

async function chatStreamed(given) {
  const result = { text: "", deltas: 0, finish: null, usage: null };
  for await (const chunk of await chat(given, { stream: true, stream_options: { include_usage: true } })) {
    const choice = chunk.choices[0];
    if (choice?.delta.content) {
      result.text += choice.delta.content;
      result.deltas += 1;
    }
    result.finish = choice?.finish_reason ?? result.finish;
    result.usage = chunk.usage?.total_tokens ?? result.usage;
  }
  return result;
}

async function chatTools(given, stream) {
  const asked = {
    model,
    tools: functions(["look", "listen"]).map(({ type, ...of }) => ({ type, function: of })),
  };
  const ask = async (messages) => {
    if (stream)
      return (await client.chat.completions.stream({ ...asked, messages }).finalChatCompletion()).choices[0];
    return (await client.chat.completions.create({ ...asked, messages })).choices[0];
  };
  const messages = [{ role: "user", content: given }];
  const first = await ask(messages);
  const calls = first.message.tool_calls ?? [];
  messages.push(first.message);
  for (const call of calls)
    messages.push({ role: "tool", tool_call_id: call.id, content: answered(call.function.name) });
  const last = await ask(messages);
  return {
    finish: first.finish_reason,
    calls: calls.map((call) => ({ name: call.function.name, input: JSON.parse(call.function.arguments) })),
    text: last.message.content,
  };
}

async function chatCancelled(given) {
  const stream = await chat(given, { stream: true });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) stream.controller.abort();
  return { aborted: stream.controller.signal.aborted };
}

await serve({
  one_shot: async (given) => ({ text: (await client.responses.create({ model, input: given })).output_text }),
  streaming: streamed,
  tools: (given) => tools(given, false),
  tools_streamed: (given) => tools(given, true),
  image: async (given) => {
    const content = [
      { type: "input_text", text: "look" },
      { type: "input_image", image_url: given, detail: "auto" },
    ];
    return {
      text: (await client.responses.create({ model, input: [{ role: "user", content }] })).output_text,
    };
  },
  reasoning,
  structured: async (given) => {
    const format = { type: "json_schema", name: "answer", strict: true, schema };
    return (await client.responses.parse({ model, input: given, text: { format } })).output_parsed;
  },
  cancel: cancelled,
  models: async () => {
    const ids = [];
    for await (const known of client.models.list()) ids.push(known.id);
    return { ids, one: (await client.models.retrieve(model)).id };
  },
  chat_one_shot: async (given) => ({ text: (await chat(given)).choices[0].message.content }),
  chat_streaming: chatStreamed,
  chat_tools: (given) => chatTools(given, false),
  chat_tools_streamed: (given) => chatTools(given, true),
  chat_image: async (given) => {
    const content = [
      { type: "text", text: "look" },
      { type: "image_url", image_url: { url: given } },
    ];
    return { text: (await chat(content)).choices[0].message.content };
  },
  chat_structured: async (given) => {
    const response_format = { type: "json_schema", json_schema: { name: "answer", strict: true, schema } };
    const asked = { model, messages: [{ role: "user", content: given }], response_format };
    return (await client.chat.completions.parse(asked)).choices[0].message.parsed;
  },
  chat_cancel: chatCancelled,
});
