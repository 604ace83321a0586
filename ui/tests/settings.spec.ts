// System settings: theme, motion, contrast, forced colours, reading direction.

import { test as plain } from "@playwright/test";

import { expectAccessible } from "./support/axe";
import { expect, test, type Page } from "./support/fake";
import { expectSettled } from "./support/settled";
import { shoot } from "./support/shoot";

/** Returns bars, icons and switches that have the colour of what is behind them. */
function sameAsGround(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const ground = getComputedStyle(document.body).backgroundColor;
    const drawn = document.querySelectorAll(".meter rect, .chart-bar, .icon, .switch input:checked, .dot");
    const colour = (element: Element) => {
      const style = getComputedStyle(element);
      if (element instanceof SVGRectElement) return style.fill;
      return element.matches("input, .dot") ? style.backgroundColor : style.color;
    };
    return [...drawn]
      .filter((element) => element.checkVisibility() && colour(element) === ground)
      .filter((element) => !element.closest(".option.active, .btn-primary"))
      .map(
        (element) =>
          `${element.getAttribute("class") ?? element.tagName} in ${element.closest("[data-testid], .row")?.textContent?.slice(0, 40) ?? ""}`,
      );
  });
}

test("the theme is set before the first paint and follows the system", async ({ usher, page }) => {
  await usher.open({ state: "signed-in", theme: "dark" });
  const root = page.locator("html");
  expect(await root.getAttribute("data-theme")).toBe("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await expect(root).toHaveAttribute("data-theme", "light");
  // Before any module ran: the script in the head has no `async`, `defer` or `type`.
  const blocking = await page.evaluate(() => {
    const first = document.head.querySelector("script");
    return (
      first !== null &&
      !first.async &&
      !first.defer &&
      first.type === "" &&
      first.src.endsWith("/before-paint.js")
    );
  });
  expect(blocking).toBe(true);
});

test("with reduced motion nothing moves", async ({ usher, page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await usher.open({ state: "test-running" });
  await expect(usher.stage("answer")).toHaveAttribute("data-status", "running");
  await usher.model.click();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

test("with motion the busy icon turns", async ({ usher, page }) => {
  await usher.open({ state: "test-running" });
  await expect(usher.stage("answer")).toHaveAttribute("data-status", "running");
  expect(await page.evaluate(() => document.getAnimations().length)).toBeGreaterThan(0);
});

for (const theme of ["light", "dark"] as const) {
  test(`with forced colours nothing is said by colour alone: ${theme}`, async ({ usher, page }) => {
    await page.emulateMedia({ forcedColors: "active" });
    for (const state of ["signed-in", "payer-limit", "gateway", "activity", "tools-preview"]) {
      await usher.open({ state, theme });
      await usher.until(() => expect.poll(() => page.evaluate(() => window.fake?.reached)).toBe(true));
      for (let i = 0; i < 8; i += 1) await usher.wait(100);
      await expectSettled(page);
      await shoot(page, `forced-colors-${state}-${theme}`);
      expect.soft(await sameAsGround(page), state).toEqual([]);
      // What is chosen has a ring of its own.
      const unmarked = await page
        .locator('.seg label.on, .side-item[aria-current="page"], .option.active')
        .evaluateAll((all) => all.filter((one) => getComputedStyle(one).outlineStyle !== "solid").length);
      expect.soft(unmarked, state).toBe(0);
      // The colour of an account is beside its name.
      const dots = await page
        .locator(".dot")
        .evaluateAll((all) => all.map((dot) => dot.parentElement?.innerText.trim()));
      expect
        .soft(
          dots.filter((text) => !text),
          state,
        )
        .toEqual([]);
    }
    await expectAccessible(page);

    // In a narrow window a mark beside its icon shows that the gateway is on.
    await page.setViewportSize({ width: 720, height: 520 });
    await expectSettled(page);
    const mark = await page.getByTestId("go-gateway").evaluate((item) => {
      const { backgroundColor } = getComputedStyle(item, "::after");
      return { backgroundColor, ground: getComputedStyle(document.body).backgroundColor };
    });
    expect(mark.backgroundColor).not.toBe(mark.ground);
  });
}

test("more contrast still passes the rules", async ({ usher, page }) => {
  await page.emulateMedia({ contrast: "more" });
  await usher.open({ state: "usage-high", theme: "dark" });
  await expect(usher.meters).toHaveCount(2);
  await shoot(page, "more-contrast-dark");
  await expectAccessible(page);
});

test("from right to left the sidebar is at the right", async ({ usher, page }) => {
  await usher.open({ state: "model-open" });
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  const side = await page.locator(".sidebar").boundingBox();
  expect(side?.x).toBeGreaterThan(700);
  await expect(usher.options).toHaveCount(6);
  await shoot(page, "rtl");
});

plain("a policy breach would be recorded", async ({ page }) => {
  await page.goto("/?state=first-run");
  await page.evaluate(() => {
    const probe = document.createElement("div");
    probe.innerHTML = '<p style="color: red">x</p>';
    document.body.append(probe);
  });
  await expect.poll(() => page.evaluate(() => window.__cspViolations.length)).toBeGreaterThan(0);
});

plain.describe("on Windows", () => {
  plain.use({ userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36" });

  plain("a dialog has the action first, and the focus still on Cancel", async ({ page }) => {
    await page.goto("/?state=disconnect");
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("button")).toHaveText(["Disconnect", "Cancel"]);
    await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  });
});

test("another program that holds the window's name is shown and announced", async ({ usher }) => {
  await usher.open({ state: "name-held" });
  await usher.until(() => expect(usher.notice).toContainText("Another program uses Usher’s name"));
  await expect(usher.notice).toContainText("squatter, process 4711");
  await usher.until(() => expect(usher.alert).toContainText("End that program, then start Usher again."));
});

test("a broken settings file is shown at once with its place, and goes when corrected", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "settings-broken" });
  await usher.until(() => expect(usher.notice).toContainText("config.toml has an error"));
  await expect(usher.notice).toContainText("Line 3, column 11: string values must be quoted");
  await expect(usher.notice).toContainText("/home/ada/.config/usher/config.toml");
  await usher.until(() => expect(usher.alert).toContainText("Line 3, column 11"));
  await usher.button("Open the file").click();
  await expect.poll(() => usher.calls()).toContain("open_settings_file");

  // A change that the file refuses adds no second notice that says less.
  await page.evaluate(() =>
    window.fake?.nextFailures.set("choose", { code: "settings_unusable", cause: "", retry_at: null }),
  );
  await page.getByLabel("High", { exact: true }).click();
  await usher.until(() => expect(usher.alert).toContainText("Usher cannot use its settings file."));
  await expect(usher.notice).toHaveCount(1);

  // It is on every panel.
  await usher.item("go-gateway").click();
  await usher.until(() => expect(usher.title).toHaveText("Gateway"));
  await expect(usher.notice).toContainText("config.toml has an error");
  await page.evaluate(() => window.fake?.change((scenario) => (scenario.settingsFile.error = null)));
  await usher.until(() => expect(usher.notice).toBeHidden());
});
