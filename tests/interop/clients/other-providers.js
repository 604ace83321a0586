// The same packages through other providers: one that speaks both of OpenAI's APIs, and a service that has Chat
// Completions only. The tests of each package check the requests to ChatGPT's backend.
import assert from "node:assert/strict";
import { COUNT_TO_40, PICTURE_URL } from "./test-case.js";

const LOOK = 'call look with {"at":"sky"}';

const WIRES = [
  { row: "through the Platform", model: "openai/gpt-5.5", api: "platform" },
  { row: "through Chat Completions", model: "openai-compatible:chat/llama-4-scout", api: "compatible" },
];

/** Adds the cases. `prefix` begins the names of the program's cases; `endpoint(api)` is the sandbox's endpoint of them. */
export function throughOtherProviders(check, prefix, endpoint) {
  for (const { row, model, api } of WIRES) {
    check(row, async ({ fixture, program }) => {
      const at = `${api}.${endpoint(api)}`;
      const value = (name, given) => program.value(prefix + name, given, model);
      assert.equal((await value("one_shot", "say hi")).text, "ready");
      const streamed = await value("streaming", "count to 40");
      assert.deepEqual([streamed.text, streamed.deltas], [COUNT_TO_40, 40]);
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
      assert.equal((await fixture.sandbox.counts())[at], 8, "all went there");

      await fixture.sandbox.fault(at, { kind: "cut", after_events: 5 });
      const { value: result, raised } = await program.outcome(`${prefix}streaming`, "count to 40", model);
      assert((raised ?? result.failed)?.message, JSON.stringify(result));

      await fixture.sandbox.fault(at, { kind: "hang_after", events: 6 });
      assert.deepEqual(await value("cancel", "count to 9"), { aborted: true });
      await fixture.sandbox.counted(`${at}.cancelled`);

      const limit = { message: "Slow down", type: "requests", param: null, code: "rate_limit_exceeded" };
      const headers = { "retry-after": "7" };
      await fixture.sandbox.fault(at, { kind: "status", status: 429, body: { error: limit }, headers });
      const refused = (await program.outcome(`${prefix}one_shot`, "say hi", model)).raised;
      assert.deepEqual([refused?.status, refused?.retry_after], [429, "7"], JSON.stringify(refused));
    });
  }
}
