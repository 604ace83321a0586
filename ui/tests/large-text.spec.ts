// Text at 200 % by the browser's own setting, in the narrowest window: nothing is cut off, covered or wider than the window.
// states.spec.ts has the same for zoom, in every scenario.

import { expect, test } from "./support/fake";
import { expectNoSidewaysScroll, textsInTheWay } from "./support/layout";
import { expectSettled } from "./support/settled";
import { shoot } from "./support/shoot";

/** What Chromium sets when a person chooses another size of text; 16 is usual. */
const fontSize = 32;

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const args = [...(launchOptions.args ?? []), `--blink-settings=defaultFontSize=${fontSize}`];
    await use({ ...launchOptions, args });
  },
});

const states = [
  ["first-run", "waiting", "code", "signed-in", "test-passed", "test-failed-models", "payer-limit"],
  ["gateway", "gateway-port-taken", "pass-new", "activity", "tools", "tools-preview", "tools-conflicts"],
  ["accounts", "accounts-rename", "disconnect", "preferences", "diagnostics", "key-saved", "endpoint-edit"],
];

for (const some of states) {
  test(`text at 200 % fits into the narrowest window: ${some.join(", ")}`, async ({ usher, page }) => {
    for (const state of some) {
      await usher.open({ state, width: 720, height: 520 });
      await usher.until(() => expect.poll(() => page.evaluate(() => window.fake?.reached)).toBe(true));
      for (let i = 0; i < 8; i += 1) await usher.wait(100);
      await expectSettled(page);
      const size = await page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
      expect(size).toBe(`${fontSize}px`);
      await shoot(page, `large-text-${state}`);
      expect.soft(await textsInTheWay(page), state).toEqual([]);
      await expectNoSidewaysScroll(page);
    }
  });
}
