// Takes the pictures of the window for the README and the guide: the page on its in-memory core at a fixed time, in light
// and dark.
//
// The page and not the real window, because its data and its clock are fixed: the same page gives the same picture.
// Usage: ./dev screenshots, which builds the page first.
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const { chromium } = createRequire(new URL("ui/package.json", root))("@playwright/test");
const { preview } = await import(new URL("ui/node_modules/vite/dist/node/index.js", root).href);

/** Names of the pictures and the scenarios of ui/src/ipc/fake that they show. */
const pictures = {
  "first-run": "first-run",
  "signed-in": "signed-in",
  "model-open": "model-open",
  "test-passed": "test-passed",
  limit: "payer-limit",
  accounts: "accounts",
  "tools-preview": "tools-preview",
  gateway: "gateway",
  "pass-new": "pass-new",
  activity: "activity",
  preferences: "preferences",
};
const themes = ["light", "dark"];
const folder = fileURLToPath(new URL("docs/pictures/", root));
/** Size of the real window, from tauri.conf.json. */
const viewport = { width: 960, height: 680 };
/** A compromise between sharp text on a dense display and the size of the file. */
const scale = 1.5;
/** WebP at this quality is a quarter of the size of PNG, and nobody sees the difference in text. */
const quality = 88;
/** The page is loaded at the first, and the picture is taken at the second, however long loading takes meanwhile. */
const [loaded, taken] = ["2025-11-20T16:27:40Z", "2025-11-20T16:28:00Z"].map((time) => new Date(time));
const largestOfAll = 1_500_000;

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
  const old = new Set(readdirSync(folder));
  let size = 0;
  for (const [name, state] of Object.entries(pictures)) {
    for (const theme of themes) {
      size += await take(name, state, theme);
      old.delete(`${name}-${theme}.webp`);
    }
  }
  for (const name of old) rmSync(`${folder}${name}`);
  console.log(`${Math.round(size / 1000)} kB in all`);
  if (size > largestOfAll) throw new Error(`the pictures are larger than ${largestOfAll} bytes`);
} finally {
  await browser.close();
  await server.close();
}

/** Takes one picture, and returns its size in bytes. */
async function take(name, state, theme) {
  const page = await browser.newPage({
    viewport,
    deviceScaleFactor: scale,
    colorScheme: theme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "Europe/London",
  });
  await page.clock.install({ time: loaded });
  await page.goto(`http://127.0.0.1:${port}/?state=${state}`);
  await page.locator("#t-panel").waitFor();
  await reach(page);
  await page.clock.pauseAt(taken);
  await page.locator(`html[data-theme=${theme}]`).waitFor();
  await page.evaluate(() => document.fonts.ready);
  if (!(await isOpen(page))) await page.evaluate(() => document.activeElement?.blur());
  // It blinks by the real clock.
  await page.evaluate(() => document.documentElement.style.setProperty("caret-color", "transparent"));
  let picture = await settledPicture(page);
  await page.close();
  const file = `${folder}${name}-${theme}.webp`;
  const before = existsSync(file) ? readFileSync(file) : null;
  const stays = before !== null && (await looksTheSame(before, picture));
  if (stays) picture = before;
  else writeFileSync(file, picture);
  console.log(`docs/pictures/${name}-${theme}.webp  ${Math.round(picture.length / 1000)} kB${stays ? "" : "  new"}`);
  return picture.length;
}

/** Advances the page's clock until the scenario's input is done and all parts are loaded, which takes real time. */
async function reach(page) {
  for (let quiet = 0; quiet < 5; ) {
    await page.clock.runFor(500);
    await page.waitForLoadState("networkidle");
    quiet = (await page.evaluate(() => window.fake.reached)) ? quiet + 1 : 0;
  }
}

/** Returns the picture once two in a row are the same: what was loaded last may not be drawn yet. */
async function settledPicture(page) {
  const session = await page.context().newCDPSession(page);
  const capture = () => session.send("Page.captureScreenshot", { format: "webp", quality });
  let last = await capture();
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const next = await capture();
    if (next.data === last.data) return Buffer.from(next.data, "base64");
    last = next;
  }
  throw new Error("the page does not come to rest");
}

/** Whether nobody can see a difference: edges of letters vary by a few shades from run to run. */
async function looksTheSame(...pictures) {
  const page = await browser.newPage();
  const addresses = pictures.map((picture) => `data:image/webp;base64,${picture.toString("base64")}`);
  const same = await page.evaluate(async (both) => {
    const pixels = async (address) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      return canvas.getImageData(0, 0, image.width, image.height).data;
    };
    const [one, other] = [await pixels(both[0]), await pixels(both[1])];
    return one.length === other.length && one.every((shade, at) => Math.abs(shade - other[at]) <= 40);
  }, addresses);
  await page.close();
  return same;
}

/** Whether something is open that closes when it loses the focus. */
function isOpen(page) {
  return page.evaluate(() => document.querySelector("dialog[open], [role=listbox]") !== null);
}
