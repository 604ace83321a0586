// What pictures show beyond the scenarios: dialogs and open parts that a few more clicks lead to, in any language.

import { give, service } from "../support/deepLink";
import type { FakePage } from "../support/fake";

/** A click on an element, a value for a field, or anything else. */
export type Step = string | { into: string; value: string } | ((usher: FakePage) => Promise<unknown>);

const learnMore = "[data-testid=learn-more]";
const fails = (call: string, code: "store_locked" | "settings_unusable" | "offline") => (usher: FakePage) =>
  usher.page.evaluate(
    ([name, given]) => window.fake?.nextFailures.set(name, { code: given, cause: "", retry_at: null }),
    [call, code] as const,
  );

/** By name: the scenario it begins with, and what is done there. */
export const further: Record<string, [state: string, ...steps: Step[]]> = {
  paste: ["first-run", ".action-item:nth-child(2) .action-button"],
  "other-ways": ["waiting", "[data-testid=troubleshooting] summary"],
  "sign-in-answered": ["waiting", (usher) => usher.allow()],
  "access-token-new": ["first-run", ".action-item:nth-child(3) .action-button"],
  "learn-more": ["signed-in", learnMore],
  troubleshooting: ["signed-in", "[data-testid=troubleshooting] summary"],
  "model-search": ["model-open", { into: "[role=combobox]", value: "luna" }],
  "model-none": ["model-open", { into: "[role=combobox]", value: "none of them" }],
  "model-add": ["endpoint-added", "#open-add-model"],
  roles: ["signed-in", "[data-testid=row-roles] summary"],
  "disconnect-failed": ["signed-in", fails("disconnect", "store_locked"), "#disconnect", ".btn-danger"],
  "endpoint-more": ["endpoint-new", "details.more summary"],
  "endpoint-removed": ["endpoint-remove", "dialog .btn-danger"],
  "pass-more": ["pass-new", "[data-testid=new-pass] details.more > summary"],
  "pass-roles": [
    "pass-new",
    "[data-testid=new-pass] details.more > summary",
    "[data-testid=new-pass] details.more details.more > summary",
  ],
  "pass-reserve": ["gateway", "[data-pass='pass-pi'] button"],
  "pass-tried": ["pass-created", "[data-testid=created-pass] .actions-end .btn"],
  "gateway-closing": [
    "gateway",
    async ({ page }) => {
      await page.evaluate(() => window.fake?.requestClose());
      await page.getByTestId("closing").waitFor();
    },
  ],
  "stop-everything": ["gateway", "#stop-everything"],
  "store-question": ["store-damaged", "[data-testid=attention-next]"],
  "tool-about": ["tools-app", ".link[aria-haspopup=dialog]"],
  "activity-payers": ["activity", "[name=kind][value=payer]"],
  "activity-accounts": ["activity", "[name=kind][value=account]"],
  "activity-exported": ["activity", "#export-csv"],
  "activity-clear": ["activity", "#clear-activity"],
  "preferences-proxy": ["preferences", { into: "[data-testid=row-network] select", value: "address" }],
  "preferences-exported": ["preferences", "#export-settings"],
  "preferences-imported": ["preferences-import", "dialog [data-act]"],
  "preferences-was-reset": ["preferences-reset", "dialog [data-act]"],
  "preferences-deep": ["secrets-file", "#change-secrets"],
  "licences-closed": ["licences", "[data-testid=licences] li summary"],
  "transfer-short": [
    "transfer-send",
    { into: "#new-passphrase", value: "short" },
    "[data-testid=transfer-send-dialog] [data-act]",
  ],
  "transfer-take": [
    "transfer-open",
    { into: "#transfer-passphrase", value: "seven lanterns" },
    "[data-testid=transfer-open-dialog] [data-act]",
  ],
  "transfer-taken": [
    "transfer-open",
    { into: "#transfer-passphrase", value: "seven lanterns" },
    "[data-testid=transfer-open-dialog] [data-act]",
    "[data-testid=transfer-contents-dialog] [data-act]",
  ],
  "transfer-lost": ["transfer-interrupted", fails("cancel_transfer", "offline"), "#transfer-cancel"],
  "update-notes": ["preferences-update", "[data-testid=row-version] details summary"],
  "update-question": ["preferences-update", "#install-update"],
  "update-waiting": ["preferences-update", "#install-update", "[data-testid=update-question] [data-act]"],
  "deep-link": ["signed-in", (usher) => give(usher.page, { kind: "add", service })],
  "deep-link-rejected": [
    "signed-in",
    (usher) => give(usher.page, { kind: "rejected", cause: "the link has name twice" }),
  ],
};

/** Does the steps one after the other; what they wait for loads by the page's clock. */
export async function take(usher: FakePage, steps: Step[]): Promise<void> {
  for (const step of steps) {
    await usher.until(async () => {
      if (typeof step === "function") await step(usher);
      else if (typeof step === "string") await usher.page.locator(step).first().click();
      else await fill(usher, step);
    });
  }
}

async function fill(usher: FakePage, { into, value }: { into: string; value: string }): Promise<void> {
  const field = usher.page.locator(into).first();
  const isList = await field.evaluate((element) => element.tagName === "SELECT");
  await (isList ? field.selectOption(value) : field.fill(value));
}
