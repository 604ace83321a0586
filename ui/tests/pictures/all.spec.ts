// Pictures of every screen and dialog in both themes and in three languages, for people to look at: `./dev screenshots --all`.
// They are as high as what they show, so that nothing is below the edge. What can be checked without eyes is checked too.

import { scenarios } from "../../src/ipc/fake/scenarios";
import { expect, test, type FakePage } from "../support/fake";
import { expectNoSidewaysScroll, textsInTheWay } from "../support/layout";
import { expectSettled, showTheme } from "../support/settled";
import { shoot } from "../support/shoot";
import { writeContactSheet } from "./contactSheet";
import { further, take, type Step } from "./further";

/** German has long words, Japanese has no spaces. */
const languages = ["en", "de", "ja"];
const width = 960;
const height = 680;
/** Of the longest picture. */
const highest = 4000;

test.afterAll(writeContactSheet);

for (const state of Object.keys(scenarios)) takes(state, state, []);
for (const [name, [state, ...steps]] of Object.entries(further)) takes(name, state, steps);

function takes(name: string, state: string, steps: Step[]): void {
  test(name, async ({ usher, page }) => {
    for (const language of languages) {
      await usher.open({ state, width, height, ...(language === "en" ? {} : { language }) });
      await usher.until(() => expect.poll(() => page.evaluate(() => window.fake?.reached)).toBe(true));
      await take(usher, steps);
      await expectUnchanging(usher);
      await page.setViewportSize({ width, height: Math.min(highest, height + (await hidden(usher))) });
      for (const theme of ["light", "dark"] as const) {
        await showTheme(page, theme);
        await shoot(page, `all/${name}-${language}-${theme}`);
      }
      expect.soft(await textsInTheWay(page), language).toEqual([]);
      await expectNoSidewaysScroll(page);
    }
  });
}

/** Waits until deferred parts, which load in real time, are there and answers have come by the page's clock. */
async function expectUnchanging(usher: FakePage): Promise<void> {
  const shown = () => usher.page.evaluate(() => document.body.innerHTML.replaceAll(/\d+/g, ""));
  let last = "";
  for (let same = 0, tries = 0; same < 4 && tries < 40; tries += 1) {
    await usher.wait(150);
    await usher.page.waitForTimeout(30);
    const now = await shown();
    same = now === last ? same + 1 : 0;
    last = now;
  }
  await expectSettled(usher.page);
}

/** Returns how much is scrolled out of view, in pixels. */
function hidden(usher: FakePage): Promise<number> {
  return usher.page.evaluate(() => {
    const scrolls = [...document.querySelectorAll("html, body *")].filter((element) =>
      /auto|scroll/.test(getComputedStyle(element).overflowY),
    );
    return Math.max(0, ...scrolls.map((element) => element.scrollHeight - element.clientHeight));
  });
}
