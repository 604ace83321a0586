// The page on a core behind a test server: the protocol of such a server. The server here
// implements a small part; tests on the real core use the same page object.

import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { test as base, expect } from "@playwright/test";

import { providersView } from "../src/ipc/fake/fixtures/providers";
import { account, fresh, models, signedIn, usage } from "../src/ipc/fake/scenarios";
import { UsherPage } from "./support/usher";

interface Bridge {
  port: number;
  calls: string[];
  changed: () => void;
  /** Completes the pending sign-in. */
  allow: () => void;
}

const token = "sample-token";

const test = base.extend<{ bridge: Bridge }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names from the pattern
  bridge: async ({}, use) => {
    const now = Date.now() / 1000;
    const calls: string[] = [];
    let signed = false;
    let listener: ServerResponse | null = null;
    let signingIn: ServerResponse | null = null;
    const server: Server = createServer((incoming, response) => {
      let body = "";
      incoming.on("data", (part) => (body += part));
      incoming.on("end", () => {
        const command = (incoming.url ?? "").replace(/^\/(call|stream)\//, "");
        calls.push(`${incoming.method} ${incoming.url} ${body}`);
        if (incoming.headers.authorization !== `Bearer ${token}`) {
          response.writeHead(401).end();
          return;
        }
        const respond = (value: unknown, status = 200) =>
          response.writeHead(status).end(JSON.stringify(value));
        switch (command) {
          case "/changes":
            response.writeHead(200);
            response.flushHeaders();
            listener = response;
            return;
          case "overview":
            return void respond(signed ? signedIn(now) : fresh());
          case "providers":
            return void respond(providersView(signed ? signedIn(now) : fresh(), [], 1));
          case "models":
            return void respond(models(now));
          case "usage":
            return void respond(usage(now));
          case "sign_in": {
            const url = "https://auth.openai.com/oauth/authorize";
            response.writeHead(200);
            signingIn = response;
            // Split within a line, which the page must join.
            response.write(`{"event":{"event":"open","url":"${url}","ope`, () =>
              response.write(`ned":true,"expires_at":${Math.floor(now) + 300}}}\n`),
            );
            return;
          }
          case "disconnect":
            return void respond({ code: "store_locked", cause: "", retry_at: null }, 409);
          default:
            return void respond(null);
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const changed = () => {
      signed = false;
      listener?.write("{}\n");
    };
    const allow = () => {
      signed = true;
      const events = [{ event: "exchanging" }, { event: "signed_in", account }];
      const lines = [...events.map((event) => ({ event })), { done: true }];
      signingIn?.end(lines.map((line) => JSON.stringify(line)).join("\n"));
    };
    await use({ port: (server.address() as AddressInfo).port, calls, changed, allow });
    server.closeAllConnections();
    server.close();
  },
});

test("signs in over the bridge, shows failures and changes", async ({ page, bridge }) => {
  const usher = new UsherPage(page);
  await page.goto(`/?bridge=/bridge/${bridge.port}#token=${token}`);
  await usher.signIn.click();
  await expect(usher.timer).toBeVisible();
  bridge.allow();
  await expect(usher.title).toHaveText("OpenAI");
  await expect(usher.model).toContainText("GPT-6.2-Sol");
  const way = '{"route":"codex_client","method":"browser","purpose":{"kind":"any"}}';
  expect(bridge.calls).toContain(`POST /stream/sign_in ${way}`);

  await usher.confirmDisconnect();
  await expect(usher.dialog).toContainText("The keyring is locked.");
  await page.keyboard.press("Escape");

  bridge.changed();
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
  await usher.expectPolicyKept();
});
