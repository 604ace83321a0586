import { describe, expect, it } from "vitest";

import type { UsageView } from "../ipc/bindings";
import { FakeCore } from "../ipc/fake";
import { signedIn } from "../ipc/fake/scenarios";
import { Session } from "./session.svelte";

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

/** A session without an account that reads on every change event, as the page does. */
async function page() {
  const core = new FakeCore("first-run");
  const flow = { isPending: false };
  const session = new Session(core, () => flow.isPending);
  core.onChanged(() => void session.read());
  await session.read();
  const callsOf = (command: string) => core.calls.filter((call) => call.startsWith(command)).length;
  const signIn = () => core.change((scenario) => (scenario.overview = signedIn(core.now())));
  return { core, flow, session, callsOf, signIn };
}

describe("session", () => {
  it("loads once after a sign-in that the core reports twice", async () => {
    const { flow, session, callsOf, signIn } = await page();
    flow.isPending = true;
    signIn();
    await settled();
    flow.isPending = false;
    await session.reload();
    await settled();
    expect([callsOf("usage"), callsOf("models")]).toEqual([1, 1]);
    expect([session.usage.at, session.catalog.models.at]).toEqual(["known", "ready"]);
  });

  it("loads once when both reports come together", async () => {
    const { flow, session, callsOf, signIn } = await page();
    flow.isPending = true;
    signIn();
    flow.isPending = false;
    await session.reload();
    await settled();
    expect([callsOf("usage"), callsOf("models")]).toEqual([1, 1]);
  });

  it("loads for an account that another process signed in", async () => {
    const { callsOf, signIn } = await page();
    signIn();
    await settled();
    expect([callsOf("usage"), callsOf("models")]).toEqual([1, 1]);
  });

  it("keeps a newer usage than the one that comes late", async () => {
    const { core, session, signIn } = await page();
    signIn();
    await settled();
    const used = session.usage.at === "known" ? session.usage.view : null;
    if (used === null) throw new Error("the usage is known");
    const answers: ((view: UsageView) => void)[] = [];
    core.usage = () => new Promise((answer) => answers.push(answer));
    const asked = session.loadUsage();
    const newer = { ...used, seen_at: used.seen_at + 5, plan: "newer" };
    core.change((scenario) => (scenario.overview = { ...scenario.overview, usage: newer }));
    await settled();
    answers[0]?.({ ...used, seen_at: used.seen_at + 1 });
    await asked;
    expect(session.usage).toEqual({ at: "known", view: newer, refreshing: false });
  });

  it("returns a result that is not older than the call", async () => {
    const { core, session } = await page();
    const earlier = session.read();
    core.scenario.overview = signedIn(core.now());
    await session.read();
    expect(session.overview?.account).not.toBeNull();
    await earlier;
  });
});
