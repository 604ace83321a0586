// Scopes and form of a new pass.

import type {
  AccountCard,
  NewPass,
  PassView,
  ProviderId,
  ProviderView,
  SetupTool,
  ToolSetup,
} from "../../ipc/bindings";
import type { RoleChoices } from "../../ipc/selection";
import { isPlanUsage, list } from "../../text";
import { gateway as texts } from "../../text/gateway/gateway";

/** One option of the list "Provider". */
export interface PassScope {
  key: string;
  label: string;
  provider: string | null;
  account: string | null;
  /** OpenAI lets only Usher itself use the account. */
  disabled?: boolean;
}

/**
 * Returns the scopes to choose from. A pass belongs to one account, so that nothing that is switched later changes who
 * pays: with several, the one in use comes first, and its provider if that is what tools use.
 */
export function passScopes(
  providers: readonly ProviderView[],
  accounts: readonly AccountCard[],
  tools: ProviderId,
): PassScope[] {
  const one = ({ id, name }: ProviderView): PassScope[] => {
    if (id !== "chatgpt") return [{ key: id, label: name, provider: id, account: null }];
    const inUseFirst = accounts.toSorted((first, second) => Number(second.active) - Number(first.active));
    return inUseFirst.map(({ account }) => ({
      key: `${id} ${account.id}`,
      label: list([name, isPlanUsage(account) ? texts.form.onlyUsher(account.name) : account.name]),
      provider: id,
      account: account.id,
      ...(isPlanUsage(account) && { disabled: true }),
    }));
  };
  const any = { key: "", label: texts.form.anyProvider, provider: null, account: null };
  const toolsFirst = providers.toSorted(
    (first, second) => Number(second.id === tools) - Number(first.id === tools),
  );
  return [...toolsFirst.flatMap(one), any];
}

/** Validity of a pass in days; null never expires. */
export const validityDays = [null, 7, 30] as const;

/** What a background pass leaves of a plan, in percent; null leaves nothing. */
export const leftPercents = [null, 10, 20, 30, 50] as const;

export const maxNameLength = 60;

export interface Form {
  name: string;
  scope: PassScope;
  model: string;
  folder: string;
  days: number | null;
  /** What it leaves of a plan, in percent. */
  leaves: number | null;
  /** With any provider: also one that is billed by the token. */
  payPerToken: boolean;
  /** What it uses by role. */
  roles: RoleChoices;
}

/** Returns whether a plan may pay for the requests of such a pass. */
export const hasPlan = ({ provider }: PassScope): boolean =>
  provider === null || provider === "chatgpt" || provider === "codex-cli";

/** Returns whether what a pass leaves can be changed: requests with the access token itself are not seen. */
export const canLeave = ({ provider, token, run }: PassView): boolean =>
  !token && !run && (provider === null || provider === "chatgpt" || provider === "codex-cli");

/** Returns the shares to choose from, with the one that a pass has. */
export function leftPercentsWith(now: number | null): (number | null)[] {
  const known: readonly (number | null)[] = leftPercents;
  return known.includes(now) ? [...known] : [...known, now].toSorted((one, two) => (one ?? 0) - (two ?? 0));
}

/** Returns the request to the core; null if the name is invalid. */
export function newPassFrom(form: Form): NewPass | null {
  const { name, scope, model, folder, days, leaves, payPerToken, roles } = form;
  const called = name.trim();
  if (!called || [...called].length > maxNameLength) return null;
  return {
    name: called,
    provider: scope.provider,
    account: scope.account,
    any_provider: scope.provider === null,
    pay_per_token: scope.provider === null && payPerToken,
    model: model || null,
    folder: folder.trim() || null,
    leaves_percent: hasPlan(scope) ? leaves : null,
    roles,
    days,
  };
}

/** One tab with the lines that connect a program. */
export interface SetupTab {
  label: string;
  /** Where the lines go. */
  where: string;
  text: string;
}

/** Returns the tabs of a pass. The one of the shell has the lines for both APIs, because a script may use either. */
export function setupTabs(setups: readonly ToolSetup[]): SetupTab[] {
  const textOf = (tool: SetupTool) => setups.find((one) => one.tool === tool)?.text ?? "";
  const { tabs } = texts.setup;
  return [
    { ...tabs.claude, text: textOf("claude") },
    { ...tabs.codex, text: textOf("codex") },
    { ...tabs.shell, text: `${textOf("openai")}\n${textOf("anthropic")}` },
    { ...tabs.python, text: textOf("python") },
  ].filter(({ text }) => text.trim() !== "");
}

/** Returns the names of the passes that programs use: those used at some time, or all that are valid if none was. */
export function usersOf(passes: readonly PassView[], now: number): string[] {
  const valid = passes.filter(({ expires_at: end }) => end === null || end > now);
  const used = valid.filter((pass) => pass.last_used_at !== null);
  return (used.length > 0 ? used : valid).map((pass) => pass.name);
}

/** Returns the port that was typed; null if it is none. */
export function portFrom(typed: string): number | null {
  const port = /^\d{1,5}$/.test(typed.trim()) ? Number(typed) : 0;
  return port > 0 && port <= 65_535 ? port : null;
}
