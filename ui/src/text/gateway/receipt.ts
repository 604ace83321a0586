// Texts of the receipt of a request.

import * as m from "#messages";

import type { PayerView, RequestReceipt, RequestTerms, RequestView } from "../../ipc/bindings";
import * as f from "../format";
import { gateway } from "./gateway";
import { roles } from "../providers/roles";

/** The names that programs know the APIs by. */
const apis: Partial<Record<string, string>> = {
  responses: "Responses",
  chat_completions: "Chat Completions",
  messages: "Messages",
};

const misses: Partial<Record<string, string>> = {
  new_prompt: m.gateway_receipt_miss_new_prompt(),
  account_changed: m.gateway_receipt_miss_account_changed(),
  model_changed: m.gateway_receipt_miss_model_changed(),
  tools_changed: m.gateway_receipt_miss_tools_changed(),
  instructions_changed: m.gateway_receipt_miss_instructions_changed(),
  history_changed: m.gateway_receipt_miss_history_changed(),
  idle: m.gateway_receipt_miss_idle(),
  unknown: m.gateway_receipt_miss_unknown(),
};

const tierName = (tier: string) => (tier === "fast" || tier === "standard" ? roles.tiers[tier] : tier);

/** Formats what was asked for and what was sent; null where there is neither. */
function sentFor(asked: string | null, sent: string | null): string | null {
  if (asked === sent || !asked) return sent && (asked ? sent : m.gateway_receipt_chosen({ sent }));
  return sent ? m.gateway_receipt_sent_as({ asked, sent }) : m.gateway_receipt_not_sent({ asked });
}

function named(terms: RequestTerms | null) {
  const { effort = null, tier = null } = terms ?? {};
  return {
    model: terms?.model ?? null,
    effort: effort && roles.effortName(effort),
    tier: tier && tierName(tier),
  };
}

/** Says that a request which a provider answered has no counts of its tokens: they may be many. */
const unknownTokens = ({ status, payer }: RequestView) =>
  payer && (status === "done" || status === "stopped") ? m.gateway_unknown() : null;

export const receipt = {
  open: (time: string) => m.gateway_receipt_open({ time }),
  title: (tool: string, time: string) => m.gateway_receipt_title({ tool, time }),
  effort: roles.effort,
  tier: roles.tier,
  /** What was made of each thing that can be asked for. */
  terms: ({ asked, sent }: RequestReceipt) => {
    const [wanted, given] = [named(asked), named(sent)];
    return {
      model: sentFor(wanted.model, given.model),
      effort: sentFor(wanted.effort, given.effort),
      tier: sentFor(wanted.tier, given.tier),
    };
  },
  payer: ({ provider, account, paid_by }: PayerView) =>
    f.list([account, provider, gateway.tools.paidBy(paid_by)].filter((part) => part !== null)),
  headers: ({ account_id, provider_id, paid_by }: PayerView) => [
    `x-usher-account: ${account_id ?? provider_id}`,
    `x-usher-paid-by: ${paid_by}`,
  ],
  dropped: m.gateway_receipt_dropped(),
  nothing: m.gateway_receipt_nothing(),
  cache: m.gateway_receipt_cache(),
  /** What came from the prompt cache, or why nothing did; null where that is not known. */
  cached: ({ receipt: { tokens_cached, cache_miss }, tokens_in }: RequestView) => {
    if (tokens_cached === null || !tokens_in) return null;
    if (tokens_cached === 0) return misses[cache_miss ?? ""] ?? m.gateway_receipt_no_hit();
    const share = f.percentOf((100 * tokens_cached) / tokens_in);
    return m.gateway_receipt_hit({ count: f.count(tokens_cached), share });
  },
  tokensIn: (row: RequestView) => (row.tokens_in === null ? unknownTokens(row) : f.count(row.tokens_in)),
  tokensOut: (row: RequestView) => {
    const {
      tokens_out,
      receipt: { tokens_reasoning },
    } = row;
    if (tokens_out === null) return unknownTokens(row);
    if (!tokens_reasoning) return f.count(tokens_out);
    return m.gateway_receipt_tokens_out({ count: f.count(tokens_out), reasoning: f.count(tokens_reasoning) });
  },
  firstWord: m.activity_first_word(),
  project: m.gateway_receipt_project(),
  api: (dialect: string) => apis[dialect],
  id: m.gateway_receipt_id(),
  copy: m.gateway_receipt_copy(),
};
