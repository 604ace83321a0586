// What Usher sends, in the words of sent.js, and why where nobody else does the same. The requests of usher.test.js have to
// be like this.

const FORM = {
  host: "`auth.openai.com`",
  "header `accept`": "`application/json`",
  "header `content-type`": "`application/x-www-form-urlencoded`",
  "header `user-agent`": "`usher`",
  client_id: "issued id",
};

const AUTHORIZE = {
  host: "`auth.openai.com`",
  code_challenge: "43 characters",
  code_challenge_method: "`S256`",
  ext_agent_host_id: "`urn:uuid:`",
  nonce: "43 characters",
  redirect_uri: "any port",
  resource: "`https://api.openai.com/v1`",
  response_type: "`code`",
  scope: "6 scopes",
  state: "43 characters",
};

const API = {
  host: "`api.openai.com`",
  "header `authorization`": "`Bearer`",
  "header `originator`": "own name",
  "header `user-agent`": "`usher`",
};

/** By kind of request and field (siwc §3 to siwc §10). */
export const usher = {
  registration: { ...AUTHORIZE, client_id: "`dynamic_agent_client`", agent_name_hint: "own name" },
  known: {
    ...AUTHORIZE,
    client_id: "issued id",
    id_token_hint: "ID token or –",
    login_hint: "e-mail or –",
    prompt: "`consent` or –",
  },
  exchange: {
    ...FORM,
    code: "sent",
    code_verifier: "86 characters",
    grant_type: "`authorization_code`",
    redirect_uri: "any port",
    resource: "`https://api.openai.com/v1`",
  },
  refresh: { ...FORM, grant_type: "`refresh_token`", refresh_token: "sent", resource: "`https://api.openai.com/v1`" },
  revocation: { ...FORM, "header `accept`": "`*/*`", token: "refresh token", token_type_hint: "`refresh_token`" },
  discovery: { host: "`auth.openai.com`" },
  keys: { host: "`auth.openai.com`" },
  models: { ...API, "header `accept`": "`application/json`", client_version: "version" },
  responses: {
    ...API,
    "header `accept`": "`text/event-stream`",
    "header `content-type`": "`application/json`",
    include: '`["reasoning.encrypted_content"]`',
    input: "list: `user`",
    instructions: "text",
    model: "slug",
    reasoning: '`{"effort":"low"}`',
    store: "`false`",
    stream: "`true`",
  },
};

const OWN_NAME = "each client sends its own name";
const ORIGINATOR = "equals `agent_name_hint`, as with the Codex app-server (§10.1)";

/** By kind of request and field: why Usher differs from every other client. */
export const reasons = {
  "known prompt": "when the person wants to allow the plan after refusing it; the others offer that too (§3)",
  "exchange header `user-agent`": OWN_NAME,
  "refresh header `user-agent`": OWN_NAME,
  "revocation header `user-agent`": OWN_NAME,
  "models header `accept`": "the format that the page documents",
  "models header `originator`": ORIGINATOR,
  "models header `user-agent`": OWN_NAME,
  "models client_version": "without it newer models are missing (§9)",
  "responses reasoning": "the connection test has the effort of the model or of the person's choice",
  "responses header `accept`": "what the response is, as the DevKit and Codex send it (§10.1)",
  "responses header `originator`": ORIGINATOR,
  "responses header `user-agent`": OWN_NAME,
  "responses input": "Usher asks one question",
  "responses header `x-stainless-*`": "of OpenAI's SDK, which Usher does not use",
};
