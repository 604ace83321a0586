// What is chosen of the models: nothing yet, and by role.

import type { ModelView, Role, RoleChoice, Selection } from "./bindings";

export const noSelection: Selection = { model: null, effort: null, small: null, tier: null, roles: {} };

export const noChoice: RoleChoice = { model: null, effort: null, tier: null };

export type RoleChoices = Selection["roles"];

/** The roles that each one falls back to, in order. */
const fallbacks: Readonly<Record<Role, readonly Role[]>> = {
  main: [],
  small: ["main"],
  opus: ["main"],
  sonnet: ["main"],
  haiku: ["small", "main"],
};

/** Returns the choice of each role: the one in its table, with the models that have a place of their own. */
export function choiceOf(selection: Selection, role: Role): RoleChoice {
  if (role === "main") return { model: selection.model, effort: selection.effort, tier: selection.tier };
  const choice = selection.roles[role] ?? noChoice;
  return role === "small" ? { ...choice, model: selection.small } : choice;
}

/** Returns the model that a role uses, as far as it is listed. `wanted` is what was chosen for each role. */
export function modelOf(
  role: Role,
  wanted: (role: Role) => string | null,
  models: readonly ModelView[],
): ModelView | undefined {
  const id = [role, ...fallbacks[role]].map(wanted).find((one) => one !== null);
  const inUse = models.find((one) => one.chosen) ?? models.find((one) => one.default);
  return id === undefined ? inUse : models.find((one) => one.id === id);
}

/** Returns the choices with one role changed; a role without a choice is left out. */
export function withChoice(choices: RoleChoices, role: Role, choice: RoleChoice): RoleChoices {
  const { [role]: _, ...others } = choices;
  const empty = choice.model === null && choice.effort === null && choice.tier === null;
  return empty ? others : { ...others, [role]: choice };
}
