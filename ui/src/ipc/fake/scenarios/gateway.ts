// Scenarios of the gateway.

import { failure, type UserInput, type Scenario, type ScenarioChange } from "../fixtures";
import { activityOf, quietActivity } from "../fixtures/activity";
import { address, passes, passOf, requests } from "../fixtures/gateway";
import {
  card,
  environmentKey,
  groq,
  groqModels,
  ollama,
  openai,
  personal,
  platformModels,
  work,
} from "../fixtures/providers";

const scenario =
  (change: Partial<Scenario> = {}, inputs: UserInput[] = []): ScenarioChange =>
  (base, now) => ({
    ...base,
    providers: [openai(environmentKey), groq(now), ollama()],
    lists: { openai: platformModels(now), "openai-compatible:groq": groqModels(now) },
    gateway: { at: "on", address },
    passes: passes(now),
    requests: requests(now),
    ...change,
    inputs: ["[data-testid=go-gateway]", ...inputs],
  });

const create: UserInput[] = ["#new-pass", { type: "nightly", into: "#pass-name" }];

export const gatewayScenarios: Record<string, ScenarioChange> = {
  gateway: scenario(),
  "gateway-off": scenario({ gateway: { at: "off", port: 18_740 } }),
  "gateway-new": scenario({ gateway: { at: "off", port: 18_740 }, passes: [], requests: [] }),
  "gateway-empty": scenario({ passes: [], requests: [] }),
  "gateway-elsewhere": scenario({
    gateway: { at: "elsewhere", address, by: "command", process: 4711 },
    requests: [],
  }),
  "gateway-port-taken": scenario({
    gateway: {
      at: "failed",
      failure: failure("port_busy", "port 18740 is used by python3 (process 4711)"),
      port: 18_740,
    },
    statusAfterSwitchOn: {
      at: "failed",
      failure: failure("port_busy", "port 18740 is used by python3 (process 4711)"),
      port: 18_740,
    },
  }),
  "gateway-locked": (base, now) => ({
    ...scenario()(base, now),
    overview: { ...base.overview, passes_locked_at: now - 120 },
  }),
  "gateway-accounts": (base, now) => ({
    ...scenario()(base, now),
    overview: { ...base.overview, account: personal, accounts: 2 },
    accounts: [card(personal, now, { active: true }), card(work, now)],
    passes: [
      passOf(now, "Claude Code", { account: personal.id, account_name: "Personal" }),
      passOf(now, "Codex CLI", { account: work.id, account_name: "Work" }),
      passOf(now, "scripts", { provider: null, pay_per_token: true }),
    ],
  }),
  "pass-new": scenario({}, ["#new-pass"]),
  "pass-unnamed": scenario({}, ["#new-pass", "[data-testid=new-pass] [data-act]"]),
  "pass-created": scenario({}, [...create, "[data-testid=new-pass] [data-act]"]),
  "gateway-port": scenario({}, ["#change-port"]),
  activity: (base, now) => ({
    ...scenario({ activity: activityOf })(base, now),
    inputs: ["[data-testid=go-activity]"],
  }),
  "activity-quiet": (base, now) => ({
    ...scenario({ activity: quietActivity })(base, now),
    inputs: ["[data-testid=go-activity]"],
  }),
  "activity-empty": (base, now) => ({ ...scenario()(base, now), inputs: ["[data-testid=go-activity]"] }),
  "pass-revoke": scenario({}, ["[data-pass='pass-Claude Code'] button:last-of-type"]),
};
