// The packages of Anthropic: Messages, which OpenAI's backend does not speak.
import assert from "node:assert/strict";
import { COUNT_TO_40, PICTURE_URL, bodies, caseOf } from "./test-case.js";
import { CLAUDE_MODEL } from "./models.js";
import { anthropic } from "./packages.js";
import { BOTH, CALLS, REPLY, withPrograms } from "./sdk.js";
import { throughOtherProviders } from "./other-providers.js";

const given = withPrograms(anthropic, CLAUDE_MODEL, (fixture) => ({
  ANTHROPIC_BASE_URL: fixture.address,
  ANTHROPIC_AUTH_TOKEN: fixture.pass,
}));

for (const { name } of anthropic) {
  const check = caseOf(name, given(name));

  throughOtherProviders(check, "", (api) => (api === "compatible" ? "chat_completions" : "responses"));

  check("one-shot", async ({ fixture, program }) => {
    assert.deepEqual(await program.value("one_shot", "say hi"), { text: "ready" });
    const [body] = await bodies(fixture);
    assert.deepEqual([body.model.startsWith("gpt-"), body.store, body.stream], [true, false, true]);
  });

  check("streaming", async ({ program }) => {
    const result = await program.value("streaming", "count to 40");
    assert.deepEqual(result, { text: COUNT_TO_40, deltas: 40, stop: "end_turn", tokens: 40 });
  });

  check("tools", async ({ fixture, program }) => {
    for (const how of ["tools", "tools_streamed"]) {
      await fixture.sandbox.reset();
      const result = await program.value(how, BOTH);
      const expected = {
        stop: "tool_use",
        blocks: ["tool_use", "tool_use"],
        thought: null,
        calls: CALLS,
        text: REPLY,
      };
      assert.deepEqual(result, expected, how);
      const [first, second] = await bodies(fixture);
      assert.deepEqual(
        first.tools.map((tool) => tool.name),
        ["look", "listen"],
      );
      const outputs = second.input.filter((item) => item.type === "function_call_output");
      const calls = second.input.filter((item) => item.type === "function_call");
      assert.deepEqual(
        outputs.map((item) => item.call_id),
        calls.map((item) => item.call_id),
        how,
      );
    }
  });

  check("image", async ({ fixture, program }) => {
    assert.deepEqual(await program.value("image", PICTURE_URL), { text: "I see 1 image" });
    const [body] = await bodies(fixture);
    const part = body.input.at(-1).content.find((part) => part.type === "input_image");
    assert.equal(part.image_url, PICTURE_URL);
  });

  check("structured", async ({ fixture, program }) => {
    assert.deepEqual(await program.value("structured", "answer"), { word: "ready" });
    const [body] = await bodies(fixture);
    assert.equal(body.text.format.type, "json_schema");
  });

  check("limit", async ({ fixture, program }) => {
    for (const how of ["one_shot", "streaming"]) {
      await fixture.sandbox.fault("responses", { kind: "usage_limit" });
      const raised = await program.raised(how, "say hi");
      assert.deepEqual(
        [raised.kind, raised.status, raised.type],
        ["RateLimitError", 429, "rate_limit_error"],
        how,
      );
      assert(Number(raised.retry_after) > 0, JSON.stringify(raised));
      assert.match(raised.message, /limit.*Try again in \d/);
    }
    return "`RateLimitError`, `retry-after`";
  });

  check("cut", async ({ fixture, program }) => {
    for (const clean of [false, true]) {
      for (const how of ["one_shot", "streaming"]) {
        await fixture.sandbox.fault("responses", { kind: "cut", after_events: 5, clean });
        const raised = await program.raised(how, "say hi");
        assert.equal(raised.type, "api_error");
        assert.match(raised.message, /broke the connection|cut off/);
        if (how === "one_shot") assert.equal(raised.status, 502);
      }
    }
    return "`APIError`";
  });

  check("cancel", async ({ fixture, program }) => {
    await fixture.sandbox.fault("responses", { kind: "hang_after", events: 6 });
    assert.deepEqual(await program.value("cancel", "count to 9"), { aborted: true });
    await fixture.sandbox.counted("responses.cancelled");
  });

  check("reasoning", async ({ fixture, program }) => {
    for (const how of ["thinking", "thinking_streamed"]) {
      await fixture.sandbox.reset();
      const result = await program.value(how, `think, then ${BOTH}`);
      assert.deepEqual(
        [result.blocks, result.thought],
        [["thinking", "tool_use", "tool_use"], "Thinking it over."],
        how,
      );
      assert.deepEqual([result.calls, result.text], [CALLS, REPLY], how);
      const [, second] = await bodies(fixture);
      const back = second.input.find((item) => item.type === "reasoning");
      assert.match(back.encrypted_content, /^gAAAAA/);
    }
  });

  check("models", async ({ program }) => {
    const { ids, one } = await program.value("models");
    assert.equal(one, CLAUDE_MODEL);
    assert(
      ids.some((id) => id.startsWith("claude-")),
      `${ids}`,
    );
  });

  check("count tokens", async ({ fixture, program }) => {
    const few = await program.value("count_tokens", "say hi");
    const many = await program.value("count_tokens", "say hi ".repeat(100));
    assert(few.tokens > 0 && many.tokens > few.tokens + 100, JSON.stringify([few, many]));
    assert.deepEqual(await bodies(fixture), [], "counted on this computer");
  });
}
