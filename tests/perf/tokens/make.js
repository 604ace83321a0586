// Counts the tokens of requests with an independent tokenizer (gpt-tokenizer, ranks o200k_base, chat frame of gpt-4o),
// for the test that `count_tokens` is within five per cent of it. Run by hand when requests are added:
//     npm ci && npm run make
import { readFileSync, readdirSync, writeFileSync } from "node:fs"
import { countTokens, encodeChat } from "gpt-tokenizer/model/gpt-4o"

const root = new URL("../../../", import.meta.url)
const golden = new URL("crates/gateway/tests/golden/tokens.json", root)
const traces = new URL("crates/dialect/tests/golden/messages/traces/", root)

const read = (url) => readFileSync(url, "utf8")
const messagesOf = (role, ...content) => content.map((text) => ({ role, content: text }))

const texts = {
  english: read(new URL("README.md", root)).slice(0, 6000),
  german:
    "Wer sich einmal angemeldet hat, möchte nicht für jedes Werkzeug von vorn beginnen. Deshalb merkt sich das Programm, " +
    "welches Konto gemeint ist, welche Größe der Zusammenhang haben darf und wann ein Kontingent wieder aufgefüllt wird. " +
    "Überschreitungen werden gemeldet, bevor sie ärgerlich werden: mit Uhrzeit, Grund und einem Vorschlag, was zu tun ist.",
  chinese:
    "用户只需要登录一次，电脑上的所有工具就都可以使用同一个账户。程序会记住选择的模型、剩余的额度以及下一次重置的时间。" +
    "如果网络中断，它会清楚地说明原因，并且告诉用户接下来应该怎么做，而不是一直等待。",
  mixed: "Zażółć gęślą jaźń 🙂🚀 — こんにちは世界. Привет, мир! שלום עולם. naïve café, 1 234 567,89 € ≠ ½",
  rust: read(new URL("crates/gateway/src/server/io_timeout.rs", root)).slice(0, 8000),
  javascript: read(new URL("tests/window/e2e/app.js", root)).slice(0, 5000),
  json: read(new URL("crates/sandbox/src/backend/models.json", root)).slice(0, 6000),
  diff: "@@ -1,4 +1,4 @@\n-    let old = 1;\n+    let new = 2;\n     println!(\"{}\", new);\n".repeat(12),
}

const requests = Object.entries(texts).map(([name, text]) => ({ name, body: { messages: messagesOf("user", text) } }))
requests.push({ name: "all texts", body: { messages: messagesOf("user", ...Object.values(texts)) } })
requests.push({
  name: "many short turns",
  body: {
    system: "Be brief.",
    messages: Array.from({ length: 60 }, (_, turn) => ({ role: turn % 2 ? "assistant" : "user", content: turn % 2 ? "Done." : "Next one, please." })),
  },
})
requests.push({
  name: "tool round trip",
  body: {
    tools: [
      {
        name: "read_file",
        description: "Reads a file of the project and gives its lines, numbered.",
        input_schema: {
          type: "object",
          properties: { path: { type: "string", description: "Where it is" }, from: { type: "integer" } },
          required: ["path"],
        },
      },
    ],
    messages: [
      ...messagesOf("user", "What does pace.rs do?"),
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "read_file", input: { path: "src/pace.rs", from: 1 } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: texts.rust.slice(0, 3000) }] },
    ],
  },
})
for (const file of readdirSync(traces).sort()) {
  const recorded = JSON.parse(read(new URL(file, traces)))
  recorded.forEach(({ body }, at) => {
    const { system, tools, messages } = body
    requests.push({ name: `${file} ${at}`, body: { ...(system && { system }), ...(tools && { tools }), messages } })
  })
}

// The text of content that a model reads, by our understanding of the API documentation.
const texts_of = (content) => {
  if (typeof content === "string") return [content]
  return (content ?? []).flatMap((block) => {
    if (block.type === "tool_use") return [block.name, JSON.stringify(block.input)]
    if (block.type === "tool_result") return texts_of(block.content)
    return [block.text ?? block.thinking ?? block.tool_name].filter((text) => typeof text === "string")
  })
}
const billing = (text) => !text.startsWith("x-anthropic-billing-header:")

const count = ({ system, tools, messages }) => {
  const chat = messages.map(({ role, content }) => ({ role, content: texts_of(content) }))
  if (system) chat.unshift({ role: "system", content: texts_of(system).filter(billing) })
  // The frame of each message once; its texts separately, because a token ends at the end of a block.
  const framed = encodeChat(chat.map(({ role }) => ({ role, content: "" }))).length
  const inside = chat.flatMap(({ content }) => content).reduce((sum, text) => sum + countTokens(text), 0)
  const described = (tools ?? []).flatMap(({ name, description, input_schema }) =>
    [name, description, input_schema && JSON.stringify(input_schema)].filter((text) => typeof text === "string"),
  )
  return framed + inside + described.reduce((sum, text) => sum + countTokens(text), 0)
}

const version = JSON.parse(read(new URL("node_modules/gpt-tokenizer/package.json", import.meta.url))).version
const lines = requests.map(({ name, body }) => JSON.stringify({ name, tokens: count(body), body }))
const source = `gpt-tokenizer ${version}, o200k_base, chat frame of gpt-4o; made by tests/perf/tokens/make.js`
writeFileSync(golden, `{"source":${JSON.stringify(source)},"requests":[\n${lines.join(",\n")}\n]}\n`)
console.log(requests.length, "requests")
