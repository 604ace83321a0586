// The connection test stage by stage, and its failures, on the real core.

import { expect, test, type RealPage } from "./support/real";
import type { Fault } from "./support/sandbox";

const stages = ["credential", "token", "models", "answer"] as const;

async function expectStages(usher: RealPage, ...states: string[]): Promise<void> {
  for (const [index, stage] of stages.entries()) {
    await expect(usher.stage(stage)).toHaveAttribute("data-status", states[index] ?? "");
  }
}

test("passes", async ({ usher }) => {
  await usher.openSignedIn();
  await usher.test.click();
  await expect(usher.stage("answer")).toContainText("GPT-6.2-Sol answered “ready”");
  await expectStages(usher, "passed", "passed", "passed", "passed");
  await expect(usher.stage("credential")).toContainText("Found in the encrypted file");
  await expect(usher.stage("models")).toContainText("11 models, including GPT-6.2-Sol");
  await expect(usher.testRow).toContainText(/Passed( in \d+ ms| in \d+\.\d s)?, today at /);
  await expect(usher.status).toContainText("Test passed");
});

test("fails at the token stage when the sign-in was revoked", async ({ usher, sandbox }) => {
  // The token must be refreshed within seconds.
  await sandbox.set({ access_token_lifetime_s: 303 });
  await usher.openSignedIn();
  await sandbox.grants("invalidate");
  const { expires_at: expires } = await usher.overview();
  await usher.page.waitForFunction((due) => Date.now() >= due, (expires - 299) * 1000);
  await usher.test.click();
  // The notice says why.
  await expect(usher.stage("token")).toContainText("Not passed, see above");
  await expectStages(usher, "passed", "failed", "not_tried", "not_tried");
  await expect(usher.notice).toContainText("OpenAI ended your sign-in");
  await expect(usher.provider).toContainText("Sign-in ended");
  await usher.expectAccessibleInBothThemes();
});

const modelFailures: [string, Fault, string][] = [
  [
    "an invalid response",
    { kind: "malformed", body: "[]" },
    "OpenAI sent a response that Usher does not understand.",
  ],
  ["an HTML page", { kind: "html_challenge" }, "OpenAI’s bot check blocked the request."],
  ["a region error", { kind: "region" }, "OpenAI is not available in your region."],
  ["a closed connection", { kind: "drop_before" }, "OpenAI could not be reached."],
];

for (const [response, fault, title] of modelFailures) {
  test(`fails at the models with ${response}, then passes`, async ({ usher, sandbox }) => {
    await usher.openSignedIn();
    await expect(usher.modelRow).toContainText("11 models.");
    await sandbox.fault("models", fault, 0);
    await usher.test.click();
    await expect(usher.stage("models")).toContainText(title);
    await expectStages(usher, "passed", "passed", "failed", "not_tried");
    await expect(usher.alert).toContainText("Test failed at Models.");
    await sandbox.reset();
    await usher.page.getByTestId("stage-next").click();
    await expectStages(usher, "passed", "passed", "passed", "passed");
  });
}

const answerFailures: [string, Fault, string, string][] = [
  [
    "the model is not offered",
    {
      kind: "status",
      status: 400,
      body: { detail: "The 'gpt-6.2-sol' model is not supported when using Codex with a ChatGPT account." },
    },
    "OpenAI does not offer this model on your plan.",
    "Choose another model",
  ],
  [
    "the server is overloaded",
    { kind: "status", status: 503, body: { error: { code: "server_is_overloaded", message: "x" } } },
    "OpenAI is overloaded.",
    "Try again",
  ],
  ["the limit is reached", { kind: "usage_limit" }, "The limit of your plan is reached.", "See your usage"],
  ["the stream breaks off", { kind: "cut", after_events: 2, clean: true }, "OpenAI", "Try again"],
];

for (const [why, fault, title, button] of answerFailures) {
  test(`fails at the answer when ${why}`, async ({ usher, sandbox }) => {
    await usher.openSignedIn();
    await expect(usher.modelRow).toContainText("11 models.");
    await sandbox.fault("responses", fault, 0);
    await usher.test.click();
    await expect(usher.stage("answer")).toContainText(title);
    await expectStages(usher, "passed", "passed", "passed", "failed");
    await expect(usher.page.getByTestId("stage-next")).toHaveText(button);
  });
}

test("stopping a test closes its connection", async ({ usher, sandbox }) => {
  await usher.openSignedIn();
  await sandbox.fault("responses", { kind: "hang_after", events: 1 });
  await usher.test.click();
  await sandbox.counted("responses");
  await expect(usher.test).toHaveText("Stop");
  await usher.test.click();
  await sandbox.counted("responses.cancelled");
  await expectStages(usher, "passed", "passed", "passed", "stopped");
  await expect(usher.testRow).toContainText("Stopped.");
  await expect(usher.status).toContainText("Test stopped.");
});
