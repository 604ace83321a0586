// Serves the built page with the window's content policy from tauri.conf.json.

import { request, type IncomingMessage, type ServerResponse } from "node:http";
import { readFileSync } from "node:fs";

import type { Plugin } from "vite";

/** Returns the window's content policy, with `'self'` in `connect-src` for pages that use the bridge. */
export function policy(bridged: boolean): string {
  const file = new URL("../../src-tauri/tauri.conf.json", import.meta.url);
  const config = JSON.parse(readFileSync(file, "utf8")) as {
    app: { security: { csp: Record<string, string> } };
  };
  return Object.entries(config.app.security.csp)
    .map(([name, value]) => `${name} ${value}${bridged && name === "connect-src" ? " 'self'" : ""}`)
    .join("; ");
}

/** Forwards `/bridge/PORT/rest` to `http://127.0.0.1:PORT/rest`, so that the page needs no other origin. */
function forward(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  const match = /^\/bridge\/(\d{1,5})(\/.*)$/.exec(incoming.url ?? "");
  if (!match) return false;
  const headers = { ...incoming.headers, host: `127.0.0.1:${match[1]}` };
  const upstream = request(
    { host: "127.0.0.1", port: Number(match[1]), path: match[2], method: incoming.method, headers },
    (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    },
  );
  upstream.on("error", () => {
    if (!outgoing.headersSent) outgoing.writeHead(502);
    outgoing.end();
  });
  outgoing.on("close", () => upstream.destroy());
  incoming.pipe(upstream);
  return true;
}

/** Returns the plugin that adds the window's content policy and the bridge proxy to the preview server. */
export function servedLikeTheWindow(): Plugin {
  return {
    name: "served-like-the-window",
    configurePreviewServer(server) {
      server.middlewares.use((incoming, outgoing, next) => {
        if (forward(incoming, outgoing)) return;
        const bridged = /[?&]bridge=/.test(incoming.url ?? "");
        outgoing.setHeader("content-security-policy", policy(bridged));
        next();
      });
    },
  };
}
