// Fixtures: what was counted of requests.

import type { ActivityCounts, ActivityGroup, ActivityView } from "../bindings";
import { day } from "./fixtures";

/** Requests per day of two weeks, the last one today; the period is made of these, again and again. */
const weeks = [62, 88, 12, 18, 121, 164, 132, 97, 104, 22, 31, 139, 118, 96];

const none: ActivityCounts = {
  requests: 0,
  completed: 0,
  stopped: 0,
  failed: 0,
  errors: [],
  tokens_in: 0,
  tokens_out: 0,
  tokens_cached: 0,
  tokens_reasoning: 0,
  cache_share: null,
  first_word_median_ms: null,
  first_word_p95_ms: null,
  window_share: [],
};

interface Part {
  id: string;
  name?: string | null;
  /** Its share of the requests. */
  share: number;
  tokens: number;
  median: number;
}

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);

function countsOf(requests: number, { tokens, median }: Pick<Part, "tokens" | "median">): ActivityCounts {
  const failed = Math.floor(requests / 100);
  const input = requests * tokens;
  return {
    requests,
    completed: requests - failed,
    stopped: 0,
    failed,
    errors: failed === 0 ? [] : [{ code: "usage_limit_reached", requests: failed }],
    tokens_in: input,
    tokens_out: Math.floor(input / 20),
    tokens_cached: Math.floor(input * 0.87),
    tokens_reasoning: Math.floor(input / 40),
    cache_share: 0.87,
    first_word_median_ms: median,
    first_word_p95_ms: median * 3.5,
    window_share: tokens > 1000 ? [{ window_seconds: 604_800, percent: requests / 60 }] : [],
  };
}

function groupOf(part: Part, all: readonly number[]): ActivityGroup {
  const requests = all.map((one) => Math.round(one * part.share));
  return {
    id: part.id,
    name: part.name === undefined ? part.id : part.name,
    counts: countsOf(sum(requests), part),
    requests_per_day: requests,
    tokens_per_day: requests.map((one) => Math.floor(one * part.tokens * 1.05)),
  };
}

function daysUntil(now: number, count: number): string[] {
  const two = (part: number) => String(part).padStart(2, "0");
  return Array.from({ length: count }, (_, at) => {
    const date = new Date((now - (count - 1 - at) * day) * 1000);
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  });
}

export const activityOf = (count: number, now: number): ActivityView => {
  const all = Array.from({ length: count }, (_, at) => weeks[(at + 14 * 7 - (count % 14)) % 14] ?? 0);
  const whole = { tokens: 17_500, median: 1_100 };
  const part = (id: string, share: number, tokens: number, median: number, name?: string | null): Part => ({
    id,
    share,
    tokens,
    median,
    ...(name !== undefined && { name }),
  });
  return {
    days: daysUntil(now, count),
    kept_days: 90,
    total: countsOf(sum(all), whole),
    by_day: all.map((requests) => countsOf(requests, whole)),
    by_tool: [
      part("Codex CLI", 0.69, 15_200, 1_100),
      part("Claude Code", 0.18, 38_000, 1_400),
      part("scripts", 0.13, 800, 300),
    ].map((one) => groupOf(one, all)),
    by_model: [part("gpt-6.2-sol", 0.87, 19_000, 1_200), part("llama-3.1-70b", 0.13, 800, 300)].map((one) =>
      groupOf(one, all),
    ),
    by_account: [
      part("user-ada/acct-1", 0.8, 19_000, 1_200, "Personal"),
      part("user-old/acct-2", 0.07, 12_000, 1_200, null),
      part("openai-compatible:groq", 0.13, 800, 300, "Groq"),
    ].map((one) => groupOf(one, all)),
    by_payer: [part("plan", 0.87, 19_000, 1_200), part("service", 0.13, 800, 300)].map((one) =>
      groupOf(one, all),
    ),
  };
};

/** Nothing was counted. */
export const noActivity = (count: number, now: number): ActivityView => ({
  days: daysUntil(now, count),
  kept_days: 90,
  total: none,
  by_day: Array.from({ length: count }, () => none),
  by_tool: [],
  by_model: [],
  by_account: [],
  by_payer: [],
});
