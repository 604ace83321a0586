// What a client sent, field by field, in words that are the same in every run. Written by the tests, read by run.js.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NAMES } from "./origins.js";

const DYNAMIC = "dynamic_agent_client";
const NOTHING = "–";

/** Headers of the connection, and those that Node's `fetch` adds to every request. */
const OF_TRANSPORT = new Set(
  "host connection content-length transfer-encoding accept-encoding accept-language sec-fetch-mode".split(" "),
);

const hostOf = ({ headers }) => Object.fromEntries(headers).host;
const queryOf = ({ path }) => Object.fromEntries(new URL(path, "http://sandbox").searchParams);
const headersOf = ({ headers }) =>
  Object.fromEntries(
    headers
      .filter(([name]) => !OF_TRANSPORT.has(name))
      .map(([name, value]) => [`header \`${name.replace(/^x-stainless-.*/, "x-stainless-*")}\``, value]),
  );
const named = (name) => (request) => request.name === name;
const authorizes = (test) => (request) => request.name === "plan.authorize" && test(queryOf(request).client_id);
const withHeaders = (fields) => (request) => ({ ...headersOf(request), ...fields(request) });
const body = withHeaders((request) => request.body);
const nothing = () => ({});

/** The requests in the order of the page. `fields` returns what is compared. */
export const KINDS = [
  { id: "registration", title: "Authorize, first registration (§3)", is: authorizes((id) => id === DYNAMIC), fields: queryOf },
  { id: "known", title: "Authorize, known account (§3)", is: authorizes((id) => id !== DYNAMIC), fields: queryOf },
  { id: "exchange", title: "Code exchange (§5)", is: named("plan.token.authorization_code"), fields: body },
  { id: "refresh", title: "Refresh (§7.1)", is: named("plan.token.refresh_token"), fields: body },
  { id: "revocation", title: "Revocation (§8)", is: named("plan.revoke"), fields: body },
  { id: "discovery", title: "Discovery (§0)", is: named("plan.discovery"), fields: nothing },
  { id: "keys", title: "Keys (§6)", is: named("plan.keys"), fields: nothing },
  { id: "models", title: "Models (§9)", is: named("plan.models"), fields: withHeaders(queryOf) },
  { id: "responses", title: "Responses (§10)", is: named("plan.responses"), fields: body },
];

const sentIn = (folder) => join(folder, "sent");

/** Records requests of a client, as the sandbox received them. What the test sent has the sandbox's own address. */
export function record(client, received) {
  const requests = received.filter((request) => NAMES.includes(hostOf(request)));
  appendFileSync(sentIn(process.env.USHER_CLIENTS_FOLDER), `${JSON.stringify({ client, requests })}\n`);
}

/** Returns what each client sent: by client, kind of request, and field. */
export function sentBy(folder) {
  const lines = existsSync(sentIn(folder)) ? readFileSync(sentIn(folder), "utf8").trim().split("\n") : [];
  const all = {};
  for (const { client, requests } of lines.map((line) => JSON.parse(line))) (all[client] ??= []).push(...requests);
  return Object.fromEntries(Object.entries(all).map(([client, requests]) => [client, describe(requests)]));
}

/** Describes each field of each kind of request, for all requests of that kind. */
export function describe(requests) {
  const kinds = {};
  for (const { id, is, fields } of KINDS) {
    const found = requests.filter(is).map((request) => ({ host: hostOf(request), ...fields(request) }));
    if (found.length === 0) continue;
    const names = [...new Set(found.flatMap(Object.keys))];
    const values = (name) => found.map((one) => one[name]);
    kinds[id] = Object.fromEntries(names.map((name) => [name, inWords(name, values(name))]));
  }
  return kinds;
}

const length = (value) => `${value.length} characters`;
const sent = () => "sent";
const WORDS = {
  agent_name_hint: () => "own name",
  client_version: () => "version",
  client_id: (value) => (value === DYNAMIC ? `\`${DYNAMIC}\`` : "issued id"),
  code: sent,
  code_challenge: length,
  code_verifier: length,
  ext_agent_host_id: (value) => `\`${value.split(":").slice(0, 2).join(":")}:\``,
  id_token_hint: () => "ID token",
  instructions: () => "text",
  login_hint: () => "e-mail",
  model: () => "slug",
  nonce: length,
  prompt_cache_key: sent,
  redirect_uri: (value) => (value.includes(":1455/") ? "port 1455" : "any port"),
  refresh_token: sent,
  scope: (value) => `${value.split(" ").length} scopes`,
  state: length,
  token: () => "refresh token",
  "header `authorization`": () => "`Bearer`",
  "header `originator`": () => "own name",
  "header `session-id`": sent,
  "header `user-agent`": (value) => `\`${value.split(/[ /(]/)[0]}\``,
  "header `x-client-request-id`": sent,
  "header `x-stainless-*`": sent,
};

/** Lists, of which the kinds of items are described. */
const ITEMS = { input: ({ role, type = "message" }) => (type === "message" ? role : type), tools: ({ type }) => type };

/** What differs between the values is joined by "or". */
function inWords(name, values) {
  const words = ITEMS[name]
    ? [itemsInWords(values.flatMap((value) => value ?? []).map(ITEMS[name])), ...(values.includes(undefined) ? [NOTHING] : [])]
    : values.map((value) => (value === undefined ? NOTHING : (WORDS[name]?.(value) ?? literal(value))));
  return [...new Set(words)].sort().join(" or ");
}

const itemsInWords = (kinds) => `list: ${[...new Set(kinds)].map((kind) => `\`${kind}\``).join(", ")}`;
const literal = (value) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
