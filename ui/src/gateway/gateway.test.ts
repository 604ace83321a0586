import { describe, expect, it } from "vitest";

import { errorCodes, type PassView, type RequestView } from "../ipc/bindings";
import { passOf, requestOf } from "../ipc/fake/fixtures/gateway";
import { card, groq, personal, planAccount, providersView, work } from "../ipc/fake/fixtures/providers";
import { signedIn } from "../ipc/fake/fixtures";
import { gateway as texts } from "../text/gateway/gateway";
import { newPassFrom, passScopes } from "./passes/passes";
import { toolChoices } from "./tools/tools";
import { heldRows, lastUsedAt, mergeRequests, maxRows } from "./requests/requests";

const now = Date.UTC(2025, 10, 20, 16, 28) / 1000;
const row = (id: number, more: Partial<RequestView> = {}) => requestOf(id, now, "pi", "answering", more);

describe("requests", () => {
  it("are merged by id, newest first", () => {
    const requests = [row(3), row(2, { status: "done" })];
    const rows = mergeRequests([row(2), row(1)], { requests, whole: false });
    expect(rows.map(({ id, status }) => [id, status])).toEqual([
      [3, "answering"],
      [2, "done"],
      [1, "answering"],
    ]);
  });

  it("are replaced by a full snapshot", () => {
    const rows = mergeRequests([row(2), row(1)], { requests: [row(9)], whole: true });
    expect(rows.map(({ id }) => id)).toEqual([9]);
  });

  it("are limited to the latest", () => {
    const requests = Array.from({ length: maxRows + 5 }, (_, id) => row(id));
    const rows = mergeRequests([], { requests, whole: false });
    expect([rows.length, rows.at(-1)?.id]).toEqual([maxRows, 5]);
  });

  it("keep their place in a held list, and go on changing", () => {
    const rows = [row(3), row(2, { status: "done" }), row(1)];
    expect(heldRows(rows, null)).toEqual(rows);
    expect(heldRows(rows, 2).map(({ id, status }) => [id, status])).toEqual([
      [2, "done"],
      [1, "answering"],
    ]);
  });

  it("say why they were not answered, and nothing where they were", () => {
    const why = (more: Partial<RequestView>) => texts.whyOf(row(1, more));
    expect(why({ status: "done" })).toBeNull();
    expect(why({ status: "stopped" })).toBeNull();
    expect(why({ status: "not_in_pass", code: "host_not_allowed" })).toContain("The pass does not allow");
    expect(why({ pass: "", status: "failed", code: "invalid_key" })).toContain("unknown or was revoked");
    for (const code of errorCodes) expect(why({ status: "failed", code })).toMatch(/^[A-Z][^`]*\.$/);
  });

  it("give the last use of a pass, but not of an older pass of that name", () => {
    const pass = passOf(now - 60, "pi", { last_used_at: now - 30 });
    expect(lastUsedAt(pass, [row(1)])).toBe(now);
    expect(lastUsedAt(pass, [row(1, { since: now - 40 })])).toBe(now - 30);
    expect(lastUsedAt({ ...pass, created_at: now + 1, last_used_at: null }, [row(1)])).toBeNull();
    expect(lastUsedAt(pass, [row(1, { pass: "other" })])).toBe(now - 30);
  });
});

describe("a new pass", () => {
  const { providers } = providersView(signedIn(now), [groq(now)], 1);
  const groqId = "openai-compatible:groq";
  const labels = (accounts = [card(personal, now)], tools = "chatgpt") =>
    passScopes(providers, accounts, tools).map((one) => one.label);

  it("offers the plan, each of several accounts, other providers, or any", () => {
    const any = "Any provider, whichever is in use";
    expect(labels()).toEqual(["OpenAI, Personal", "Groq", any]);
    expect(labels([card(personal, now), card(work, now)])).toEqual([
      "OpenAI, Personal",
      "OpenAI, Work",
      "Groq",
      any,
    ]);
    const [first] = labels([card(personal, now, { active: false }), card(work, now, { active: true })]);
    expect(first).toBe("OpenAI, Work");
  });

  it("is not for an account that only Usher may use", () => {
    const accounts = [card(planAccount, now, { active: true }), card(work, now)];
    const [first, second] = passScopes(providers, accounts, "chatgpt");
    expect(first).toMatchObject({ label: "OpenAI, ChatGPT plan (for Usher only)", disabled: true });
    expect(second?.disabled).toBeUndefined();
    expect(toolChoices(providers, accounts).map(({ account }) => account)).toEqual([work.id, null]);
  });

  it("is for what tools use, unless another one is chosen", () => {
    expect(labels([card(personal, now)], groqId)).toEqual([
      "Groq",
      "OpenAI, Personal",
      "Any provider, whichever is in use",
    ]);
  });

  it("needs a name and omits empty fields", () => {
    const [scope] = passScopes(providers, [card(personal, now), card(work, now)], "chatgpt");
    if (!scope) throw new Error("there is one");
    const form = {
      name: " nightly ",
      scope,
      model: "",
      folder: " ",
      days: null,
      leaves: 30,
      roles: {},
      payPerToken: true,
    };
    expect(newPassFrom(form)).toEqual({
      name: "nightly",
      provider: "chatgpt",
      account: personal.id,
      any_provider: false,
      pay_per_token: false,
      model: null,
      folder: null,
      leaves_percent: 30,
      roles: {},
      days: null,
    });
    const platform = { key: "openai", label: "OpenAI API key", provider: "openai", account: null };
    expect(newPassFrom({ ...form, scope: platform })?.leaves_percent, "it has no plan").toBeNull();
    for (const name of ["", "  ", "x".repeat(61)]) expect(newPassFrom({ ...form, name })).toBeNull();
  });
});

describe("texts of the gateway", () => {
  const names = new Map([["chatgpt", "OpenAI"]]);
  const allowed = (more: Partial<PassView>) => texts.allowed(passOf(now, "pi", more), names, now);

  it("describe what a pass allows", () => {
    expect(allowed({})).toBe("OpenAI, all models");
    expect(allowed({ provider: null, model: "m", model_name: "M" })).toBe("Any plan, M");
    expect(allowed({ provider: null, pay_per_token: true })).toBe("Any provider, all models");
    expect(allowed({ provider: "openai-compatible:gone" })).toBe("openai-compatible:gone, all models");
    expect(allowed({ account: "a", account_name: "Work" })).toBe("OpenAI (Work), all models");
    expect(allowed({ account: "a" })).toBe("OpenAI (a removed account), all models");
    expect(allowed({ token: true, expires_at: now - 86_400 })).toBe(
      "OpenAI, all models, can get the access token, expired 19 November",
    );
  });

  it("describe the last use", () => {
    const local = (day: number, hour: number) => new Date(2025, 10, day, hour, 2).getTime() / 1000;
    const at = local(20, 16);
    expect(texts.used(at, null)).toBe("Never");
    expect(texts.used(at, at - 5)).toBe("Just now");
    expect(texts.used(at, at - 150)).toBe("2 minutes ago");
    expect(texts.used(at, local(20, 14))).toMatch(/^Today, /);
    expect(texts.used(at, local(19, 23))).toBe("Yesterday");
    expect(texts.used(at, local(3, 9))).toBe("3 November");
  });

  it("format durations", () => {
    expect([2, 400, 14_800, 75_000].map(texts.duration)).toEqual(["2 ms", "0.4 s", "14.8 s", "1:15 min"]);
  });

  it("quote a pass name for a shell", () => {
    expect(texts.made.command("nightly")).toBe("usher pass print nightly");
    expect(texts.made.command("Claude Code")).toBe("usher pass print 'Claude Code'");
    expect(texts.made.command("it's $HOME")).toBe(String.raw`usher pass print 'it'\''s $HOME'`);
  });
});
