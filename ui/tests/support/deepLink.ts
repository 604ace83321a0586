// Links that another program gives to the page.

import type { Page } from "@playwright/test";

import type { DeepLinkView } from "../../src/ipc/bindings";

/** A service that a link proposes. */
export const service = {
  name: "My GPU",
  base_url: "https://gpu.example:8443/v1",
  wire: "chat_completions",
  timeout_seconds: 90,
} as const;

export const give = (page: Page, link: DeepLinkView) =>
  page.evaluate((given) => window.fake?.giveLink(given), link);
