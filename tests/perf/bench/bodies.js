// Typical requests in each dialect: a small one, and one of 2 MB like a long session with tools.
import { writeFileSync } from "node:fs";
import path from "node:path";

const model = "load";
const question = "Say that you are ready, in one word.";
const bigBytes = 2_000_000;

/** Output of a tool: source code with line numbers, some lines with quotes or non-ASCII characters. */
const lines = [
  "/// Reads the head of a request, and what follows it as far as it has come.",
  "pub(crate) async fn read_head(&mut self, limits: &Limits) -> Result<Option<Head>, Error> {",
  "    let mut buffer = std::mem::take(&mut self.buffer);",
  "    while !buffer.ends_with(b\"\\r\\n\\r\\n\") {",
  "        if buffer.len() > limits.head {",
  "            return Err(Error::new(Kind::TooLong, \"the head has no end\"));",
  "        }",
  "        let read = self.stream.read_buf(&mut buffer).await?; // naïve, but 3 × faster",
  "        if read == 0 { return Ok(None); }",
  "    }",
  "    Head::parse(buffer.freeze()).map(Some)",
  "}",
];
const printed = Array.from({ length: 60 }, (_, at) => `${String(at + 1).padStart(6)}\t${lines[at % lines.length]}`).join("\n");

const schema = { type: "object", properties: { path: { type: "string" } }, required: ["path"], additionalProperties: false };
const about = "Reads a file of the project and prints its lines with their numbers.";

const turns = () => Math.ceil(bigBytes / (JSON.stringify(printed).length + 300));
const call = (turn) => ({ id: `call_${String(turn).padStart(24, "0")}`, path: `crates/part/src/file_${turn}.rs` });
const repeat = (one) => Array.from({ length: turns() }, (_, turn) => one(turn, call(turn))).flat();

const bodies = {
  responses: {
    small: { model, input: question },
    big: {
      model,
      instructions: "You are a coding agent.",
      tools: [{ type: "function", name: "read", description: about, parameters: schema, strict: false }],
      input: [
        { type: "message", role: "user", content: [{ type: "input_text", text: question }] },
        ...repeat((_, { id, path: file }) => [
          { type: "function_call", call_id: id, name: "read", arguments: JSON.stringify({ path: file }) },
          { type: "function_call_output", call_id: id, output: printed },
        ]),
      ],
    },
  },
  chat: {
    small: { model, messages: [{ role: "user", content: question }] },
    big: {
      model,
      tools: [{ type: "function", function: { name: "read", description: about, parameters: schema } }],
      messages: [
        { role: "system", content: "You are a coding agent." },
        { role: "user", content: question },
        ...repeat((_, { id, path: file }) => [
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id, type: "function", function: { name: "read", arguments: JSON.stringify({ path: file }) } }],
          },
          { role: "tool", tool_call_id: id, content: printed },
        ]),
      ],
    },
  },
  messages: {
    small: { model, max_tokens: 1024, messages: [{ role: "user", content: question }] },
    big: {
      model,
      max_tokens: 1024,
      system: [{ type: "text", text: "You are a coding agent.", cache_control: { type: "ephemeral" } }],
      tools: [{ name: "read", description: about, input_schema: schema }],
      messages: [
        { role: "user", content: question },
        ...repeat((_, { id, path: file }) => [
          { role: "assistant", content: [{ type: "tool_use", id, name: "read", input: { path: file } }] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: [{ type: "text", text: printed }] }] },
        ]),
      ],
    },
  },
};

/** Writes the requests to `folder` as `{dialect}-{small|stream|big}.json`. `named` overrides the model's name. */
export function writeBodies(folder, named = model) {
  const files = {};
  for (const [dialect, { small, big }] of Object.entries(bodies)) {
    for (const [size, body] of Object.entries({ small, stream: { ...small, stream: true }, big })) {
      const file = path.join(folder, `${dialect}-${size}-${named.replaceAll(/\W/g, "_")}.json`);
      writeFileSync(file, JSON.stringify({ ...body, model: named }));
      (files[dialect] ??= {})[size] = file;
    }
  }
  return files;
}
