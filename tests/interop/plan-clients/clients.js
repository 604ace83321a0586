// The programs that others wrote for Sign in with ChatGPT, and what they do differently.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;

/** A Python with the packages of requirements.txt; without one, ./dev reports what was not run. */
export const python = process.env.USHER_PLAN_CLIENTS_PYTHON;

const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8")).packages;
const requirements = readFileSync(join(here, "requirements.txt"), "utf8");
const npmVersion = (name) => lock[`node_modules/${name}`].version;
const pypiVersion = (name) => new RegExp(`^${name}==(.*)$`, "m").exec(requirements)[1];

const program = (file) => join(here, "programs", file);
const withPython = (file) => [python, program(file)];

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** The API rejects the access token, and the client refreshes in response. */
async function rejectedToken({ sandbox, program }) {
  await sandbox.changePlanGrants("expire_access");
  return program.raised("ask", "hello");
}

/**
 * - `denied`: its error when the person refuses.
 * - `withoutPlan`: its error when the plan is not allowed: at the sign-in, or at the first request if it `keepsWithoutPlan`.
 * - `triesAtLimit`: how often it sends a request when a limit is reached.
 * - `refreshesAfter`: when it refreshes by itself, in seconds after it got its tokens.
 * - `refreshTooEarly`: brings it to refresh before the gate, and returns the error, which matches `lost`.
 * - `registersAgain`: each sign-in is a registration.
 * - `givesTokens`: it asks nothing itself, and gives out access tokens.
 */
export const clients = [
  {
    id: "chatgpt-plan-auth",
    version: pypiVersion("chatgpt-plan-auth"),
    command: withPython("use_chatgpt_plan_auth.py"),
    denied: /access_denied/,
    keepsWithoutPlan: true,
    withoutPlan: /403/,
    triesAtLimit: 2,
    refreshesAfter: HOUR - 5 * MINUTE,
    refreshTooEarly: rejectedToken,
    lost: /\(invalid_grant\)/,
  },
  {
    id: "pydantic-ai",
    version: pypiVersion("pydantic-ai-slim"),
    command: withPython("use_pydantic_ai.py"),
    denied: /access_denied/,
    withoutPlan: /do not grant ChatGPT plan usage/,
    // Retries of the SDK.
    triesAtLimit: 3,
    refreshesAfter: HOUR - 30,
    refreshTooEarly: rejectedToken,
    lost: /the grant was rejected/,
  },
  {
    id: "chatgpt-auth",
    version: pypiVersion("chatgpt-auth"),
    command: withPython("use_chatgpt_auth.py"),
    givesTokens: true,
    denied: /sign_in_declined/,
    withoutPlan: /plan_permission_required/,
    refreshesAfter: HOUR - MINUTE,
    refreshTooEarly: ({ program }) => program.raised("refresh"),
    lost: /sign-in was revoked/,
  },
  {
    id: "pi-ai",
    version: npmVersion("@earendil-works/pi-ai"),
    command: [process.execPath, program("use_pi_ai.js")],
    registersAgain: true,
    denied: /access_denied/,
    withoutPlan: /did not include chatgpt.tokens.use.direct/,
    triesAtLimit: 1,
    // It takes three minutes off the lifetime, and its collection of models wants five that are left: before the gate.
    refreshesAfter: HOUR - 8 * MINUTE,
    async refreshTooEarly({ program, advance }) {
      await advance(HOUR - 8 * MINUTE + 1);
      return program.raised("ask", "hello");
    },
    lost: /OAuth refresh failed/,
  },
];

/** Usher, beside them. */
export const usherClient = { id: "usher", command: [process.execPath, program("use_usher.js")] };
