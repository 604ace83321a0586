// The same packages through other providers: one that speaks both of OpenAI's APIs, and a service that has Chat
// Completions only. What the backend of ChatGPT gets is looked at in the tests of each package.
import assert from "node:assert/strict";
import { COUNTED, PICTURE_URL } from "./cases.js";

const LOOK = 'call look with {"at":"sky"}';

const WIRES = [
  { row: "through the Platform", model: "openai/gpt-5.5", api: "platform" },
  { row: "through Chat Completions", model: "openai-compatible:chat/llama-4-scout", api: "compatible" },
];

/** Adds the cases. `prefix` is of the program's cases; `endpoint(wire)` is where the sandbox gets what they ask. */
export function throughOtherWires(check, prefix, endpoint) {
  for (const { row, model, api } of WIRES) {
    check(row, async ({ stage, program }) => {
      const at = `${api}.${endpoint(api)}`;
      const value = (name, given) => program.value(prefix + name, given, model);
      assert.equal((await value("one_shot", "say hi")).text, "ready");
      const streamed = await value("streaming", "count to 40");
      assert.deepEqual([streamed.text, streamed.deltas], [COUNTED, 40]);
      for (const how of ["tools", "tools_streamed"]) {
        const { calls, text } = await value(how, LOOK);
        assert.deepEqual(
          [calls, text],
          [[{ name: "look", input: { at: "sky" } }], "the tool said: look is clear"],
          how,
        );
      }
      assert.equal((await value("image", PICTURE_URL)).text, "I see 1 image");
      assert.deepEqual(await value("structured", "answer"), { word: "ready" });
      assert.equal((await stage.sandbox.counts())[at], 8, "all went there");

      await stage.sandbox.fault(at, { kind: "cut", after_events: 5 });
      const { value: told, raised } = await program.came(`${prefix}streaming`, "count to 40", model);
      assert((raised ?? told.failed)?.message, JSON.stringify(told));

      await stage.sandbox.fault(at, { kind: "hang_after", events: 6 });
      assert.deepEqual(await value("cancel", "count to 9"), { aborted: true });
      await stage.sandbox.counted(`${at}.cancelled`);

      const limit = { message: "Slow down", type: "requests", param: null, code: "rate_limit_exceeded" };
      const headers = { "retry-after": "7" };
      await stage.sandbox.fault(at, { kind: "status", status: 429, body: { error: limit }, headers });
      const refused = (await program.came(`${prefix}one_shot`, "say hi", model)).raised;
      assert.deepEqual([refused?.status, refused?.retry_after], [429, "7"], JSON.stringify(refused));
    });
  }
}
