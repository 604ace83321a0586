import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { errorCodes, type ErrorCode } from "../ipc/bindings";
import { attentions } from "./errors/attentions";
import { buttonOf, detailOf, failures, type FailureText } from "./errors/errors";
import { disconnect } from "./accounts/disconnect";
import { en as t } from "./en";
import { sentence } from "./sentence";
import { planUsageFailure } from "./providers/planUsage";
import { textsOf } from "./providers/service";
import { codeFailures, planUsageSignInFailures, signInFailures } from "./errors/signInErrors";
import { countdown, daysFrom, hoursAndMinutes, percentOf, plural } from "./format";

// A Thursday, 16:28 in London.
const now = Date.UTC(2025, 10, 20, 16, 28) / 1000;
const hour = 3_600;

beforeAll(() => vi.stubEnv("TZ", "Europe/London"));
afterAll(() => vi.unstubAllEnvs());

const each = (failure: (code: ErrorCode) => FailureText) =>
  Object.fromEntries(errorCodes.map((code) => [code, failure(code)])) as typeof failures;

/** The failure texts of a provider by code. */
const all = (id: string) => each(textsOf({ id, name: "Groq" }).failure);
const records = {
  failures,
  signInFailures,
  codeFailures,
  planUsageSignInFailures,
  ofPlanUsage: each(planUsageFailure),
  attentions,
  ofKey: all("openai"),
  ofCodex: all("codex-cli"),
  ofService: all("openai-compatible:groq"),
};

describe.each(Object.entries(records))("%s", (_, record) => {
  it.each([...errorCodes])("has a sentence, a next step and a button for %s", (code) => {
    const text = record[code];
    expect(text.title.length).toBeGreaterThan(7);
    expect(text.next).toMatch(/[.]$/);
    expect(buttonOf(text).length).toBeGreaterThan(3);
  });

  it("avoids words that the screen does not use", () => {
    const avoided =
      /\b(log ?in|sign out|log out|oops|please|successfully|credentials?|routing|backend|cloak|token)\b/i;
    for (const { title, next, ...rest } of Object.values(record)) {
      // The name of the Codex CLI's command is not ours.
      const words = `${title} ${next} ${rest.button ?? ""}`.replaceAll("codex login", "");
      expect(words).not.toMatch(avoided);
    }
  });
});

describe("texts of other providers", () => {
  it("never name OpenAI for another service", () => {
    for (const { title, next } of Object.values(records.ofService)) {
      expect(`${title} ${next}`.replace("OpenAI API", "")).not.toContain("OpenAI");
    }
  });

  it("say that a provider is switched off", () => {
    for (const id of ["openai", "codex-cli", "openai-compatible:groq"]) {
      const off = textsOf({ id, name: "Groq", enabled: false });
      expect(off.failure("host_not_allowed")).toMatchObject({
        title: "Groq is switched off in Usher.",
        action: "switch_on",
      });
      expect(off.failure("invalid_key")).toEqual(textsOf({ id, name: "Groq" }).failure("invalid_key"));
    }
  });

  it("never offer a sign-in for a key", () => {
    for (const record of [records.ofKey, records.ofService]) {
      const steps = ["sign_in_required", "invalid_key", "billing", "rate_limited"] as const;
      for (const code of steps) expect(record[code].action).not.toBe("sign_in");
    }
  });
});

describe("details", () => {
  it("are shown only for codes whose cause adds information", () => {
    expect(detailOf({ code: "upstream_error", cause: "It said 418." })).toBe("It said 418.");
    expect(detailOf({ code: "upstream_error", cause: " " })).toBeNull();
    expect(detailOf({ code: "upstream_error", cause: "the page said no" })).toBe("The page said no.");
    // These would repeat the title.
    expect(detailOf({ code: "account_problem", cause: "the account is deactivated" })).toBeNull();
    expect(
      detailOf({ code: "missing_entitlement", cause: "the workspace has not enabled Codex" }),
    ).toBeNull();
    expect(detailOf({ code: "sign_in_expired", cause: "exp was 5" })).toBeNull();
  });
});

describe("numbers and times", () => {
  it("uses the right plural form", () => {
    expect(plural(1, { one: "model", other: "models" })).toBe("model");
    expect(plural(6, { one: "model", other: "models" })).toBe("models");
    expect(plural(1, { other: "models" })).toBe("models");
    expect(t.models.count(0)).toBe("0 models.");
    expect(t.models.count(1_200)).toBe("1,200 models.");
    expect(t.models.foundAnnounced(0)).toBe("No models match.");
  });

  it("counts down", () => {
    expect(countdown(272)).toBe("4:32");
    expect(countdown(59.2)).toBe("1:00");
    expect(countdown(-3)).toBe("0:00");
  });

  it("formats hours and minutes", () => {
    expect(hoursAndMinutes(2 * hour + 12 * 60)).toEqual({ hours: 2, minutes: 12 });
    expect(hoursAndMinutes(5)).toEqual({ hours: 0, minutes: 1 });
    expect(t.usage.resets(now, now + 2 * hour + 12 * 60)).toMatch(
      /^Resets at (18:40|6:40 pm), in 2\u00a0h\u00a012\u00a0min$/,
    );
    expect(t.usage.resets(now, now + hour)).toMatch(/, in 1\u00a0h$/);
    expect(t.usage.resets(now, now + 300)).toMatch(/, in 5\u00a0min$/);
  });

  it("shows the date beyond a day", () => {
    const monday = Date.UTC(2025, 10, 24, 9, 0) / 1000;
    expect(t.usage.resets(now, monday)).toContain("Monday 24 November");
    expect(t.usage.valueText(now, 61, monday)).toMatch(/^61% used, resets Monday at/);
    expect(disconnect.pendingText(null, monday)).toContain("until 24 November.");
  });

  it("shows the age of a list", () => {
    expect(t.models.refreshed(now, now - 20)).toBe("Refreshed just now.");
    expect(t.models.refreshed(now, now - 120)).toBe("Refreshed 2 minutes ago.");
    expect(t.models.refreshed(now, now - 2 * hour)).toMatch(/^Refreshed today at (14:28|2:28 pm)\.$/);
    expect(t.models.stale("OpenAI", now, now - 22 * hour)).toMatch(
      /^Could not reach OpenAI\. List from yesterday, /,
    );
    expect(daysFrom(now, now - 22 * hour)).toBe(-1);
  });

  it("names windows by their length", () => {
    expect(t.usage.window(18_000)).toBe("5-hour window");
    expect(t.usage.window(604_800)).toBe("Weekly window");
    expect(t.usage.window(259_200)).toBe("3-day window");
    expect(t.usage.window(7_200)).toBe("2-hour window");
    expect(t.usage.window(1_800)).toBe("30-minute window");
    expect(t.usage.windowOf("GPT-6.2-Sol", 18_000)).toBe("GPT-6.2-Sol, 5-hour window");
    expect(t.panel.limitTitle(604_800)).toBe("The weekly limit of your plan is reached");
  });

  it("formats percentages and sizes", () => {
    expect(percentOf(34.4)).toBe("34%");
    expect(percentOf(130)).toBe("100%");
    expect(t.models.context(400_000)).toBe("400K context");
    expect(t.models.context(131_072)).toBe("131K context");
    expect(t.models.context(1_050_000)).toMatch(/^1\.1M context$/);
    expect(t.test.time(4)).toBe("");
    expect(t.test.time(1_020)).toBe("1.0 s");
    expect(t.test.passed(0, 31, 0)).toMatch(/^Passed, /);
    expect(t.test.passed(0, 310, 0)).toMatch(/^Passed in 310 ms, /);
    expect(t.test.passedAnnounced(2_100)).toBe("Test passed in 2.1 seconds.");
    expect(t.test.passedAnnounced(31)).toBe("Test passed.");
  });

  it("describes the finding of a stage", () => {
    const token = (id: string, at: number | null, renews?: boolean) =>
      textsOf({ id, name: "Groq" }).token(now, at, renews);
    expect(token("chatgpt", now + 47 * 60 + 20)).toBe("Renews by itself");
    expect(token("chatgpt", null)).toBe("Renews by itself");
    expect(token("chatgpt", null, false)).toBe("Valid, cannot be renewed");
    expect(token("chatgpt", now + 600, false)).toBe("Valid for 10 minutes, cannot be renewed");
    expect(token("codex-cli", now + 600, false)).toBe("Valid for 10 minutes, renewed by the Codex CLI");
    expect(token("codex-cli", now + 600)).toBe("Valid for 10 minutes, renewed by the Codex CLI");
    expect(token("openai", null)).toBe("Nothing to renew");
    expect(t.test.found({ kind: "models", count: 1, model: "GPT" })).toBe("1 model, GPT");
    expect(t.test.found({ kind: "credential", place: "file" })).toBe("Found in the encrypted file");
  });

  it("makes a sentence of a cause", () => {
    expect(sentence("line 3, column 11: no quotes")).toBe("Line 3, column 11: no quotes.");
    expect(sentence("config.toml is broken")).toBe("config.toml is broken.");
    expect(sentence("`usher doctor` shows more")).toBe("`usher doctor` shows more.");
    expect(sentence("it is old. Copy the newest one")).toBe("It is old. Copy the newest one.");
    expect(sentence("")).toBe("");
    expect(sentence("first line.\nand a hint of the parser")).toBe("First line.");
  });

  it("joins title and next step for announcements", () => {
    expect(t.announce.failure("The keyring is locked", "Unlock it.")).toBe(
      "The keyring is locked. Unlock it.",
    );
    expect(t.announce.failure("Stopped.", "Start again.")).toBe("Stopped. Start again.");
  });
});
