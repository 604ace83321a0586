// Starts npm `oidc-provider` on a free loopback port with the paths that Usher uses, and prints its address.
// Every visitor is signed in as alice and consents. Independent code checks PKCE, single-use codes, the redirect,
// rotation, the effect of reuse on a grant, and revocation.
//
// One part is ours: OpenAI accepts refresh and revocation as JSON, oidc-provider only as a form. JSON bodies are
// therefore converted into a form; the sandbox tests the JSON itself.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const CLIENT = "app_EMoamEEZ73f0CkXaXp7hrann";
const AUTH = "https://api.openai.com/auth";
const RESOURCE = "http://127.0.0.1/backend";
const claims = {
  [AUTH]: { chatgpt_account_id: "acct-alice", chatgpt_user_id: "user-alice", chatgpt_plan_type: "plus" },
};
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        token_endpoint_auth_method: "none",
        application_type: "native",
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: ["http://127.0.0.1/auth/callback"],
      },
    ],
    jwks: { keys: [{ ...key, use: "sig", alg: "RS256", kid: "test" }] },
    cookies: { keys: ["test"] },
    routes: { authorization: "/oauth/authorize", token: "/oauth/token", revocation: "/oauth/revoke" },
    claims: { openid: ["sub", AUTH], email: ["email"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: "alice@example.com", name: "Alice", ...claims }),
    }),
    extraTokenClaims: async () => claims,
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    issueRefreshToken: async (_, client) => client.grantTypeAllowed("refresh_token"),
    ttl: {
      AccessToken: 120,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: "openid profile email",
          audience: RESOURCE,
          accessTokenTTL: 120,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  const handle = provider.callback();
  server.on("request", async (request, response) => {
    try {
      if (request.url.startsWith("/interaction/")) return await agree(provider, request, response);
      if (request.headers["content-type"] === "application/json") await toForm(request);
      handle(request, response);
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  });
  console.log(JSON.stringify({ event: "listening", issuer }));
});

// Ends with the parent process.
process.stdin.on("end", () => process.exit(0)).resume();

/** Signs alice in and consents to all requested scopes. */
async function agree(provider, request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId: "alice" } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  grant.addResourceScope(RESOURCE, params.scope);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

async function toForm(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  request.body = JSON.parse(Buffer.concat(pieces));
  request.headers["content-type"] = "application/x-www-form-urlencoded";
}
