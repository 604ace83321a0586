// The gateway's panel on the in-memory core.

import type { RequestView } from "../../src/ipc/bindings";
import { receiptOf } from "../../src/ipc/fake/fixtures/gateway";
import { expect, type FakePage } from "./fake";

/** Opens the gateway's panel. */
export async function openGateway(
  usher: FakePage,
  state = "gateway",
  theme: "light" | "dark" = "light",
): Promise<void> {
  await usher.open({ state, theme });
  await usher.until(() => expect(usher.title).toHaveText("Gateway"));
  await usher.until(() => expect(usher.page.getByRole("heading", { name: "Requests" })).toBeVisible());
}

export const dialog = (usher: FakePage, testid: string) => usher.page.getByTestId(testid);

const request = (row: Partial<RequestView>): RequestView => ({
  id: 8,
  pass: "pi",
  dialect: "messages",
  model: "GPT-6.1-Sol",
  tier: null,
  since: 1_763_656_080,
  status: "answering",
  took_ms: null,
  tokens_in: null,
  tokens_out: null,
  code: null,
  payer: null,
  receipt: receiptOf("gpt-6.1-sol"),
  ...row,
});

/** Starts or ends a request. */
export const notify = (usher: FakePage, row: Partial<RequestView>) =>
  usher.page.evaluate((sent) => window.fake?.request(sent), request(row));
