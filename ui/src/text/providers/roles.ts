// Texts of roles and tiers, loaded with their rows.

import * as m from "#messages";

import type { Role, Tier } from "../../ipc/bindings";
import { effortName } from "../en";
import type { ProviderKind } from "./plan";

const names: Record<Role, string> = {
  main: m.roles_main(),
  small: m.models_small(),
  opus: "Opus",
  sonnet: "Sonnet",
  haiku: "Haiku",
};

const tiers: Record<Tier, string> = { standard: m.tier_standard(), fast: m.tier_fast() };

export const roles = {
  heading: m.roles_heading(),
  summary: m.roles_summary(),
  about: m.roles_about(),
  passSummary: m.roles_pass_summary(),
  passAbout: m.roles_pass_about(),
  role: m.roles_role(),
  model: m.roles_model(),
  effort: m.roles_effort(),
  tier: m.roles_tier(),
  notSet: m.roles_not_set(),
  names,
  modelOf: (role: string) => m.roles_model_of({ role }),
  effortOf: (role: string) => m.roles_effort_of({ role }),
  tierOf: (role: string) => m.roles_tier_of({ role }),
  effortName,
  tierHeading: m.tier_heading(),
  tiers,
  tierAbout: (kind: ProviderKind) =>
    kind === "plan" || kind === "codex" ? m.tier_about_plan() : m.tier_about_service(),
};
