// Takes the pictures of the window for the README: the page on its in-memory core at a fixed time, in light and dark.
//
// The page and not the real window, because its data and its clock are fixed: the same page gives the same picture.
// Usage: ./dev screenshots, which builds the page first.
import { createRequire } from "node:module";
import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const { chromium } = createRequire(new URL("ui/package.json", root))("@playwright/test");
const { preview } = await import(new URL("ui/node_modules/vite/dist/node/index.js", root).href);

/** Names of the pictures and the scenarios of ui/src/ipc/fake that they show. */
const pictures = { window: "signed-in" };
const themes = ["light", "dark"];
const folder = fileURLToPath(new URL("docs/pictures/", root));
/** Size of the real window, from tauri.conf.json. */
const viewport = { width: 960, height: 680 };
/** A compromise between sharp text on a dense display and the size of the file. */
const scale = 1.25;
const largest = 150_000;

process.env.VITE_FAKE = "1"; // selects dist-test
const server = await preview({
  root: fileURLToPath(new URL("ui/", root)),
  logLevel: "error",
  preview: { host: "127.0.0.1", port: 0 },
});
const { port } = server.httpServer.address();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  mkdirSync(folder, { recursive: true });
  for (const [name, state] of Object.entries(pictures)) {
    for (const theme of themes) await take(name, state, theme);
  }
} finally {
  await browser.close();
  await server.close();
}

async function take(name, state, theme) {
  const page = await browser.newPage({
    viewport,
    deviceScaleFactor: scale,
    colorScheme: theme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "Europe/London",
  });
  await page.clock.install({ time: new Date("2025-11-20T16:28:00Z") });
  await page.goto(`http://127.0.0.1:${port}/?state=${state}`);
  await page.locator("#t-panel").waitFor();
  await page.clock.runFor(3_000);
  await page.locator(`html[data-theme=${theme}]`).waitFor();
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(() => document.activeElement?.blur());
  const path = `${folder}${name}-${theme}.png`;
  await page.screenshot({ path, animations: "disabled" });
  await page.close();
  const { size } = statSync(path);
  console.log(`docs/pictures/${name}-${theme}.png  ${Math.round(size / 1000)} kB`);
  if (size > largest) throw new Error(`${path} is larger than ${largest} bytes`);
}
