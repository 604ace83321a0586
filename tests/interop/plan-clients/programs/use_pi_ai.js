// Uses the provider `openai` of pi-ai through its collection of models, which stores and refreshes the sign-in.
import { randomUUID } from "node:crypto";
import { createModels } from "@earendil-works/pi-ai";
import { openaiProvider } from "@earendil-works/pi-ai/providers/openai";
import { openBrowser, serve } from "./runner.js";

const deviceId = randomUUID();
const sessionId = randomUUID();
const models = createModels();
models.setProvider(openaiProvider());

const interaction = {
  // The address could be pasted here; the listener is faster.
  prompt: () => new Promise(() => {}),
  notify: (event) => event.type === "auth_url" && openBrowser(event.url),
};

async function signIn() {
  const { clientId } = await models.login("openai", "oauth", interaction, { getDeviceId: () => deviceId });
  return clientId;
}

const number = { type: "number" };
const tools = [
  {
    name: "add",
    description: "adds",
    parameters: { type: "object", properties: { a: number, b: number }, required: ["a", "b"] },
  },
];

const ask = async (prompt) => textOf(await answer([question(prompt)]));

async function callTool(prompt) {
  const messages = [question(prompt)];
  const answered = await answer(messages, tools);
  const { id, name, arguments: given } = answered.content.find((part) => part.type === "toolCall");
  const content = [{ type: "text", text: String(given.a + given.b) }];
  const result = { role: "toolResult", toolCallId: id, toolName: name, content, isError: false, timestamp: Date.now() };
  return textOf(await answer([...messages, answered, result], tools));
}

const question = (content) => ({ role: "user", content, timestamp: Date.now() });
const textOf = ({ content }) => content.map((part) => part.text ?? "").join("");

async function answer(messages, tools) {
  const model = models.getModel("openai", "gpt-6.1-sol");
  const context = { systemPrompt: "Be brief.", messages, tools };
  const answered = await models.completeSimple(model, context, { reasoning: "low", sessionId });
  if (answered.stopReason === "error") throw new Error(answered.errorMessage);
  return answered;
}

serve({ sign_in: signIn, ask, call_tool: callTool });
