// What a provider says of itself, and the plan's own words. Those of the others come with their panels.

import type { ErrorCode, ProviderId } from "../ipc/bindings";
import { failures, somePlans, switchedOff, type FailureText, type Step } from "./errors";
import * as f from "./format";

export type Kind = "plan" | "key" | "codex" | "service";

export function kindOf(id: ProviderId): Kind {
  switch (id) {
    case "chatgpt":
      return "plan";
    case "openai":
      return "key";
    case "codex-cli":
      return "codex";
    default:
      return "service";
  }
}

export interface ProviderTexts {
  kind: Kind;
  /** Who answers. */
  who: string;
  failure: (code: ErrorCode) => FailureText;
  testAbout: string;
  /** What the test found out about how long it is let in. */
  token: (now: number, expiresAt: number | null, renews?: boolean) => string;
  /** At the foot of the list of models. */
  missing: string;
  empty: string;
  emptyNext: string;
  effortDefault: (effort: string) => string;
  effortNoDefault: string;
  /** What often goes wrong, one line each, with the page that helps. */
  troubles: readonly Trouble[];
}

export interface Trouble {
  what: string;
  help: string;
  page?: { step: Step; text: string };
}

/** The day too, when it is not today. */
export function until(now: number, unix: number): string {
  const minutes = Math.floor((unix - now) / 60);
  if (minutes < 120) {
    return f.plural(Math.max(1, minutes), { one: "Valid for # minute", other: "Valid for # minutes" });
  }
  return `Valid until ${f.dayNear(now, unix)}, ${f.clock(unix)}`;
}

/** An access token that was pasted is the plan's too, and renews by nothing. */
function renewed(now: number, expiresAt: number | null, renews = true): string {
  if (!renews) return `${expiresAt === null ? "Valid" : until(now, expiresAt)}, does not renew`;
  if (expiresAt === null) return "Valid, renews by itself";
  return expiresAt - now < 60 ? "Renews by itself" : `${until(now, expiresAt)}, renews by itself`;
}

const wrongAgain =
  "If it keeps signing in to the wrong one, clear the cookies of the sign-in page, or use a private window.";
const qualify = `Codex comes with some plans, ${somePlans}.`;

/** Where a sign-in has failed. */
export const signInTroubles: readonly Trouble[] = [
  {
    what: "Nothing opened?",
    help: "A pop-up blocker may hold the window back; try another browser, or use a code instead.",
  },
  {
    what: "Wrong account?",
    help: wrongAgain,
  },
  {
    what: "Plan ended, or without Codex?",
    help: `Check that the last payment went through. ${qualify}`,
    page: { step: "plans", text: "See plans" },
  },
];

const planTroubles: Trouble[] = [
  {
    what: "Wrong account or workspace?",
    help: `Choose Accounts, then Add account: OpenAI’s page lets you take another one. ${wrongAgain}`,
  },
  {
    what: "Plan ended, or without Codex?",
    help: `OpenAI then refuses requests; your sign-in is kept. Check that the last payment went through. ${qualify}`,
    page: { step: "plans", text: "See plans" },
  },
  {
    what: "Models missing?",
    help: "They follow your plan and workspace. After a change there, refresh models.",
  },
  {
    what: "Signed out again and again?",
    help: "Another program may use a copy of the sign-in, and each renewal ends the other’s. Sign in here, and copy it nowhere.",
  },
];

const usesPlan = "More effort is slower and uses more of your plan.";
export const plan: ProviderTexts = {
  kind: "plan",
  who: "OpenAI",
  failure: (code) => failures[code],
  testAbout: "Checks each step, then asks the model for a one-word answer.",
  token: renewed,
  missing: "Missing one? Your plan may not include it, or a newer Usher may list it.",
  empty: "OpenAI offers no models to this account.",
  emptyNext: "Your plan or workspace may not include Codex. Check your plan, then refresh.",
  effortDefault: (effort) => `${effort} is this model’s default. ${usesPlan}`,
  effortNoDefault: usesPlan,
  troubles: planTroubles,
};

/** The same of a provider that is switched off. */
export const whileOff = (texts: ProviderTexts, name: string): ProviderTexts => ({
  ...texts,
  failure: (code) => (code === "host_not_allowed" ? switchedOff(name) : texts.failure(code)),
});

export const planTexts = (enabled: boolean): ProviderTexts => (enabled ? plan : whileOff(plan, plan.who));
