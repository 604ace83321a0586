// What tools can use: each account of the plan but those that only Usher may use, and each other provider that is connected.

import type { AccountCard, AccountId, AccountView, ProviderId, ProviderView } from "../../ipc/bindings";
import { isPlanUsage, list } from "../../text";
import { connected } from "../../state/providers.svelte";

export interface ToolChoice {
  key: string;
  label: string;
  provider: ProviderId;
  account: AccountId | null;
}

/** Returns the account in use, if tools would use it but only Usher may. */
export const onlyForUsher = (tools: ProviderId, accounts: readonly AccountCard[]): AccountView | undefined =>
  tools === "chatgpt"
    ? accounts.find(({ account, active }) => active && isPlanUsage(account))?.account
    : undefined;

export function toolChoices(
  providers: readonly ProviderView[],
  accounts: readonly AccountCard[],
): ToolChoice[] {
  const ofPlan = ({ account }: AccountCard, name: string): ToolChoice => ({
    key: `chatgpt ${account.id}`,
    label: list([name, account.name]),
    provider: "chatgpt",
    account: account.id,
  });
  return providers
    .filter((one) => one.enabled)
    .flatMap((one) => {
      if (one.id === "chatgpt") {
        return accounts.filter(({ account }) => !isPlanUsage(account)).map((card) => ofPlan(card, one.name));
      }
      if (!connected(one)) return [];
      return [{ key: one.id, label: one.name, provider: one.id, account: null }];
    });
}
