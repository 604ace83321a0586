// The user's browser: a real Chromium that opens what the app asked for.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? programs.find((program) => existsSync(program));
  if (!executablePath) throw new Error("no Chromium found; CHROMIUM names one");
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const context = await browser.newContext({ locale: "en-GB" });
  context.setDefaultTimeout(30_000);
  return {
    /**
     * Signs in as the account `name` (with the sandbox's cookie only consent is asked) and allows by the button `consent`.
     * Returns the text of the last page, and how often the person clicked.
     */
    async allow(url, name, consent = "Allow") {
      const page = await context.newPage();
      await page.goto(url);
      const account = page.getByRole("button", { name });
      const allow = page.getByRole("button", { name: consent, exact: true });
      await account.or(allow).waitFor();
      let clicks = 0;
      if (await account.isVisible()) {
        await account.click();
        clicks += 1;
      }
      await allow.click();
      clicks += 1;
      await page.waitForURL(/\/auth\/callback/);
      const answer = { address: page.url(), text: await page.locator("body").innerText(), clicks };
      await page.close();
      return answer;
    },
    close: () => browser.close(),
  };
}
