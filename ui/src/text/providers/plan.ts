// Texts that differ by provider, and those of the plan. Those of the others are loaded with their panels.

import type { ErrorCode, ProviderId, SignInRoute, Stage } from "../../ipc/bindings";
import { failures, examplePlans, switchedOff, type FailureText, type RecoveryAction } from "../errors/errors";
import * as f from "../format";
import { planUsageFailure } from "./planUsage";

export type ProviderKind = "plan" | "key" | "codex" | "service";

export function providerKindOf(id: ProviderId): ProviderKind {
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
  kind: ProviderKind;
  /** The name of the service that responds. */
  serviceName: string;
  failure: (code: ErrorCode) => FailureText;
  testAbout: string;
  /** The names of the steps of a test. */
  stages: Readonly<Record<Stage, string>>;
  /** Result of the token stage: how long the credential is valid. */
  token: (now: number, expiresAt: number | null, renews?: boolean) => string;
  /** At the foot of the list of models. */
  missing: string;
  empty: string;
  emptyNext: string;
  effortDefault: (effort: string) => string;
  effortNoDefault: string;
  /** Common problems, each with the page that helps. */
  hints: readonly TroubleshootingHint[];
}

export interface TroubleshootingHint {
  problem: string;
  help: string;
  page?: { action: RecoveryAction; text: string };
}

/** Formats how long something is valid, with the day unless it is today. */
export function until(now: number, unix: number): string {
  const minutes = Math.floor((unix - now) / 60);
  if (minutes < 120) {
    return f.plural(Math.max(1, minutes), { one: "Valid for # minute", other: "Valid for # minutes" });
  }
  return `Valid until ${f.dayNear(now, unix)}, ${f.clock(unix)}`;
}

/** A pasted access token belongs to the plan too, but cannot be refreshed. */
function renewed(now: number, expiresAt: number | null, renews = true): string {
  if (!renews) return `${expiresAt === null ? "Valid" : until(now, expiresAt)}, cannot be renewed`;
  return "Renews by itself";
}

export const keepsHappening =
  "If you keep getting the wrong one, clear the cookies of the sign-in page, or use a private window.";
export const qualifyingPlans = `Codex comes with some plans, ${examplePlans}.`;

const planHints: TroubleshootingHint[] = [
  {
    problem: "Wrong account or workspace?",
    help: `Choose Accounts, then Add account. You can pick another account on OpenAI’s page. ${keepsHappening}`,
  },
  {
    problem: "Plan ended, or no Codex?",
    help: `OpenAI refuses requests until you renew. You stay signed in. Check that the last payment went through. ${qualifyingPlans}`,
    page: { action: "plans", text: "See plans" },
  },
  {
    problem: "Models missing?",
    help: "The list depends on your plan and workspace. Refresh after a change.",
  },
  {
    problem: "Signed out repeatedly?",
    help: "Another program may be using a copy of this sign-in. Sign in again here and don’t copy it.",
  },
];

const effortUsesPlan = "More effort is slower and uses more of your plan.";
export const plan: ProviderTexts = {
  kind: "plan",
  serviceName: "OpenAI",
  failure: (code) => failures[code],
  testAbout: "Checks each step, then asks the model for a one-word answer.",
  stages: { credential: "Credential", token: "Token", models: "Models", answer: "Answer" },
  token: renewed,
  missing: "Model missing? Your plan may not include it, or Usher may need an update.",
  empty: "OpenAI offers no models to this account.",
  emptyNext: "Your plan or workspace may not include Codex. Check your plan, then refresh.",
  effortDefault: (effort) => `${effort} is this model’s default. ${effortUsesPlan}`,
  effortNoDefault: effortUsesPlan,
  hints: planHints,
};

/** Returns whether the failures are the same to the user: the same error, or the same thing to do. */
export function sameFailure(
  texts: ProviderTexts,
  one: { code: ErrorCode } | null,
  other: { code: ErrorCode } | null,
): boolean {
  if (one === null || other === null) return false;
  if (one.code === other.code) return true;
  const { action } = texts.failure(one.code);
  return (
    (action === "key" || action === "address" || action === "sign_in") &&
    action === texts.failure(other.code).action
  );
}

/** Returns the texts of a provider that is switched off. */
export const whileOff = (texts: ProviderTexts, name: string): ProviderTexts => ({
  ...texts,
  failure: (code) => (code === "host_not_allowed" ? switchedOff(name) : texts.failure(code)),
});

const ofPlanUsage: ProviderTexts = {
  ...plan,
  failure: planUsageFailure,
  missing: "Model missing? ChatGPT may not offer it to apps, or Usher may need an update.",
  empty: "ChatGPT offers this account no models.",
  emptyNext: "Your plan may not include use in apps. See Manage usage, then refresh.",
  hints: planHints.filter(({ page }) => page === undefined),
};

export function planTexts(enabled: boolean, route: SignInRoute = "codex_client"): ProviderTexts {
  const texts = route === "plan_usage" ? ofPlanUsage : plan;
  return enabled ? texts : whileOff(texts, texts.serviceName);
}
