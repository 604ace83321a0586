// Draws the icons of the tray from their sources in icons/tray, one PNG for each form and size.
//
// One colour for all, because a panel says neither whether it is light nor dark: this grey differs from both by more than the
// 3:1 that WCAG 2.2 asks of icons (1.4.11).

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../ui/package.json", import.meta.url))("@playwright/test");

const colour = "#808080";
const forms = ["normal", "attention", "off"];
const sizes = [22, 24, 32, 48];

const folder = new URL("../icons/tray/", import.meta.url);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const page = await browser.newPage({ deviceScaleFactor: 1 });
  for (const form of forms) {
    const svg = await readFile(new URL(`${form}.svg`, folder), "utf8");
    for (const size of sizes) {
      await page.setViewportSize({ width: size, height: size });
      await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;color:${colour}}</style>${svg}`);
      const png = await page.screenshot({ omitBackground: true });
      await writeFile(new URL(`${form}-${size}.png`, folder), png);
    }
  }
} finally {
  await browser.close();
}
