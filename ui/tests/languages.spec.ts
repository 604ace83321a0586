// The page in other languages: how one is chosen, and that nothing is left in English or cut where texts are longer.

import { expect, test, type FakePage } from "./support/fake";
import { expectSettled } from "./support/settled";
import { shoot } from "./support/shoot";

test("another language is shown at once, with the panel and the focus", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await usher.item("go-preferences").click();
  const language = page.locator("#language");
  await usher.until(() => expect(language).toHaveValue("system"));
  await expect(language.getByRole("option", { name: "日本語" })).toHaveAttribute("lang", "ja");
  await language.selectOption("Deutsch");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await usher.until(() => expect(usher.title).toHaveText("Einstellungen"));
  await usher.until(() => expect(language).toHaveValue("de"));
  await expect(language).toBeFocused();
  await expect(page.getByRole("option", { name: "Wie das System" })).toBeAttached();
  await language.selectOption("system");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await usher.until(() => expect(usher.title).toHaveText("Preferences"));
});

test("a language that cannot be saved is reported, and stays", async ({ usher, page }) => {
  await usher.open({ state: "preferences" });
  const language = page.locator("#language");
  await usher.until(() => expect(language).toHaveValue("system"));
  await page.evaluate(() =>
    window.fake?.nextFailures.set("choose_language", {
      code: "settings_unusable",
      cause: "line 3: no quotes",
      retry_at: null,
    }),
  );
  await language.selectOption("Deutsch");
  await usher.until(() => expect(usher.notice).toContainText("Line 3: no quotes."));
  await usher.until(() => expect(language).toHaveValue("system"));
});

/** Names, OpenAI's own labels, and dates, which Intl formats. */
const names =
  /Usher|OpenAI|ChatGPT|Codex|Continue with|Using|Manage usage|Got it|English|Python|bash|fish|PowerShell|\w+\.json|401 unknown|[A-Z]\w+day|November|\w+ ago|today|yesterday/g;

/** Returns words that are not accented, and so come from no message; data of the scenario aside. */
async function english(usher: FakePage): Promise<string[]> {
  const data = await usher.page.evaluate(() => JSON.stringify(window.fake?.scenario).toLowerCase());
  const texts = await usher.page.evaluate(() => {
    const noText = "script, style, code, pre, .mono, .code, .big-code, [lang]:not(html)";
    const found: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const parent = walk.currentNode.parentElement;
      if (parent && !parent.closest(noText) && parent.checkVisibility())
        found.push(walk.currentNode.nodeValue ?? "");
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
      for (const name of ["aria-label", "title", "placeholder"]) found.push(element.getAttribute(name) ?? "");
    }
    return found;
  });
  const words = texts.flatMap((text) => text.replace(names, "").match(/[A-Za-z]*[aeiou][A-Za-z]*/g) ?? []);
  return [...new Set(words)].filter((word) => word.length > 2 && !data.includes(word.toLowerCase()));
}

/** Returns texts that do not fit: of elements that hide what is too long, and of a page that scrolls sideways. */
function cut(usher: FakePage): Promise<string[]> {
  return usher.page.evaluate(() => {
    const hides = (element: HTMLElement) => /hidden|clip/.test(getComputedStyle(element).overflowX);
    const wide = [...document.querySelectorAll<HTMLElement>("body *")].filter(
      (element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1,
    );
    const page = [
      document.documentElement,
      document.body,
      ...document.querySelectorAll<HTMLElement>(".panel, .page"),
    ];
    return [
      ...wide.filter((element) => hides(element) && element.textContent?.includes("[")),
      ...page.filter((element) => element.scrollWidth > element.clientWidth + 1),
    ].map((element) => `${element.className || element.tagName}: ${element.textContent?.slice(0, 80)}`);
  });
}

const sizes = { wide: [960, 680], narrow: [720, 520], zoom: [360, 260] } as const;

const states = [
  ["first-run", "waiting", "code", "signed-in", "test-failed-models", "limit", "key-saved", "endpoint-edit"],
  ["accounts", "external-sign-ins", "external-expired", "codex-cli-expired", "diagnostics", "gateway"],
  ["gateway-port-taken", "payer-disconnect-many", "receipt", "payer-rename", "account-added"],
  ["other-account", "pass-new", "pass-created", "tools", "tools-conflicts", "tools-by-hand", "tools-kept"],
  ["tools-restore", "tools-trial-failed", "copies-shared", "glossary", "waiting-no-plan", "preferences"],
];

for (const some of states) {
  test(`nothing is English or cut in the pseudo-locale: ${some.join(", ")}`, async ({ usher, page }) => {
    for (const state of some) {
      await usher.open({ state, language: "en-XA" });
      await usher.until(() => expect.poll(() => page.evaluate(() => window.fake?.reached)).toBe(true));
      for (let i = 0; i < 8; i += 1) await usher.wait(100);
      await expectSettled(page);
      expect.soft(await english(usher), state).toEqual([]);
      for (const [name, [width, height]] of Object.entries(sizes)) {
        await page.setViewportSize({ width, height });
        await expectSettled(page);
        await shoot(page, `pseudo-${name}-${state}`);
        expect.soft(await cut(usher), `${state} ${name}`).toEqual([]);
      }
      await page.setViewportSize({ width: 960, height: 680 });
    }
  });
}
