// Texts that differ by provider, and those of the plan. Those of the others are loaded with their panels.

import * as m from "#messages";

import type { ErrorCode, ProviderId, SignInRoute, Stage } from "../../ipc/bindings";
import { failures, switchedOff, type FailureText, type RecoveryAction } from "../errors/errors";
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
  /** Loads common problems, each with the page that helps. */
  hints: () => Promise<readonly TroubleshootingHint[]>;
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
    return m.valid_for_minutes({ count: Math.max(1, minutes) });
  }
  return m.valid_until({ day: f.dayNear(now, unix), time: f.clock(unix) });
}

/** A pasted access token belongs to the plan too, but cannot be refreshed. */
function renewed(now: number, expiresAt: number | null, renews = true): string {
  if (!renews)
    return m.plan_token_cannot_be_renewed({
      valid: expiresAt === null ? m.plan_token_valid() : until(now, expiresAt),
    });
  return m.plan_token_renews_by_itself();
}

/** Says which effort a model has by itself. */
export const effortDefault = (effort: string) => m.plan_effort_default({ effort });

const effortUsesPlan = m.plan_effort_uses();
export const plan: ProviderTexts = {
  kind: "plan",
  serviceName: "OpenAI",
  failure: (code) => failures[code],
  testAbout: m.plan_test_about(),
  stages: {
    credential: m.plan_stages_credential(),
    token: m.plan_stages_token(),
    models: m.plan_stages_models(),
    answer: m.plan_stages_answer(),
  },
  token: renewed,
  missing: m.plan_missing(),
  empty: m.plan_empty(),
  emptyNext: m.plan_empty_next(),
  effortDefault: (effort) => f.sentences(effortDefault(effort), effortUsesPlan),
  effortNoDefault: effortUsesPlan,
  hints: async () => (await import("./hints")).planHints,
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
  missing: m.of_plan_usage_missing(),
  empty: m.of_plan_usage_empty(),
  emptyNext: m.of_plan_usage_empty_next(),
  hints: async () => (await import("./hints")).planUsageHints,
};

export function planTexts(enabled: boolean, route: SignInRoute = "codex_client"): ProviderTexts {
  const texts = route === "plan_usage" ? ofPlanUsage : plan;
  return enabled ? texts : whileOff(texts, texts.serviceName);
}
