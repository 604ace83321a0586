// The packages of OpenAI: Responses and Chat Completions.
import assert from "node:assert/strict";
import { COUNT_TO_40, PICTURE_URL, bodies, caseOf } from "./test-case.js";
import { MODEL } from "./models.js";
import { openai } from "./packages.js";
import { BOTH, CALLS, REPLY, withPrograms } from "./sdk.js";
import { throughOtherProviders } from "./other-providers.js";

const given = withPrograms(openai, MODEL, (fixture) => ({
  OPENAI_BASE_URL: `${fixture.address}/v1`,
  OPENAI_API_KEY: fixture.pass,
}));

for (const { name } of openai) {
  const check = caseOf(name, given(name));
  responsesOrChat(check, "");
  responsesOrChat(caseOf(name, given(name), ", Chat Completions"), "chat_");

  check("reasoning", async ({ fixture, program }) => {
    const result = await program.value("reasoning", "think");
    assert.deepEqual(
      { ...result, sealed: typeof result.sealed },
      { thought: "Thinking it over.", sealed: "string", text: "ready" },
    );
    const [, second] = await bodies(fixture);
    const back = second.input.find((item) => item.type === "reasoning");
    assert.equal(back.encrypted_content, result.sealed);
  });

  check("models", async ({ program }) => {
    const { ids, one } = await program.value("models");
    assert.equal(one, MODEL);
    assert(ids.includes(one), ids);
  });
}

/** Adds the cases that both APIs support. */
function responsesOrChat(check, prefix) {
  const chat = prefix === "chat_";
  // The service does not have Responses.
  throughOtherProviders(check, prefix, (api) =>
    chat || api === "compatible" ? "chat_completions" : "responses",
  );

  check("one-shot", async ({ fixture, program }) => {
    assert.deepEqual(await program.value(`${prefix}one_shot`, "say hi"), { text: "ready" });
    const [body] = await bodies(fixture);
    assert.deepEqual([body.model, body.store, body.stream], [MODEL, false, true]);
  });

  check("streaming", async ({ program }) => {
    const result = await program.value(`${prefix}streaming`, "count to 40");
    assert.deepEqual([result.text, result.deltas], [COUNT_TO_40, 40]);
    if (chat) assert.deepEqual([result.finish, result.usage > 40], ["stop", true]);
    else assert.equal(result.kinds.at(-1), "response.completed");
  });

  check("tools", async ({ fixture, program }) => {
    for (const how of ["tools", "tools_streamed"]) {
      await fixture.sandbox.reset();
      const result = await program.value(prefix + how, BOTH);
      assert.deepEqual([result.calls, result.text], [CALLS, REPLY], how);
      if (chat) assert.equal(result.finish, "tool_calls");
      const [first, second] = await bodies(fixture);
      assert.deepEqual(
        first.tools.map((tool) => [tool.name, tool.strict, tool.parameters.required]),
        [
          ["look", true, ["at"]],
          ["listen", true, ["at"]],
        ],
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
    assert.deepEqual(await program.value(`${prefix}image`, PICTURE_URL), { text: "I see 1 image" });
    const [body] = await bodies(fixture);
    const part = body.input.at(-1).content.find((part) => part.type === "input_image");
    assert.equal(part.image_url, PICTURE_URL);
  });

  check("structured", async ({ fixture, program }) => {
    assert.deepEqual(await program.value(`${prefix}structured`, "answer"), { word: "ready" });
    const [body] = await bodies(fixture);
    assert.deepEqual(
      [body.text.format.type, body.text.format.strict, body.text.format.name],
      ["json_schema", true, "answer"],
    );
  });

  check("limit", async ({ fixture, program }) => {
    for (const how of ["one_shot", "streaming"]) {
      await fixture.sandbox.fault("responses", { kind: "usage_limit" });
      const raised = await program.raised(prefix + how, "say hi");
      assert.deepEqual(
        [raised.kind, raised.status, raised.type],
        ["RateLimitError", 429, "usage_limit_reached"],
        how,
      );
      assert(Number(raised.retry_after) > 0, JSON.stringify(raised));
      assert.match(raised.message, /limit/);
    }
    return "`RateLimitError`, `retry-after`";
  });

  check("cut", async ({ fixture, program }) => {
    for (const clean of [false, true]) {
      for (const how of ["one_shot", "streaming"]) {
        await fixture.sandbox.fault("responses", { kind: "cut", after_events: 5, clean });
        const { value, raised } = await program.outcome(prefix + how, "say hi");
        const error = raised ?? value.failed;
        const errorFields = [error?.type, error?.code, /broke the connection|cut off/.test(error?.message)];
        const code = clean ? "upstream_error" : "upstream_unreachable";
        assert.deepEqual(errorFields, ["server_error", code, true], JSON.stringify(raised ?? value));
        if (how === "one_shot") assert.equal(error.status, 502);
      }
    }
    return chat ? "`APIError`" : "`response.failed`";
  });

  check("cancel", async ({ fixture, program }) => {
    await fixture.sandbox.fault("responses", { kind: "hang_after", events: 6 });
    assert.deepEqual(await program.value(`${prefix}cancel`, "count to 9"), { aborted: true });
    await fixture.sandbox.counted("responses.cancelled");
  });
}
