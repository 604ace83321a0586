// usher:// links on the in-memory core: what a person sees, and that nothing is added without their click.

import { give, service } from "./support/deepLink";
import { expect, test } from "./support/fake";
import { shoot } from "./support/shoot";

const titles = {
  en: "Add the service from this link?",
  de: "Dienst aus diesem Link hinzufügen?",
  fr: "Ajouter le service de ce lien\u202f?",
  es: "¿Añadir el servicio de este enlace?",
  ja: "このリンクのサービスを追加しますか？",
  "zh-Hans": "要添加此链接中的服务吗？",
};

for (const [language, title] of Object.entries(titles)) {
  test(`a service from a link is shown in full before it is added (${language})`, async ({ usher, page }) => {
    await usher.open({ state: "signed-in", ...(language === "en" ? {} : { language }) });
    await give(page, { kind: "add", service });
    const dialog = page.getByTestId("deep-link");
    await usher.until(() => expect(dialog.getByRole("heading", { level: 2 })).toHaveText(title));
    await expect(dialog.locator("[data-link=name]")).toHaveText("My GPU");
    await expect(dialog.locator("[data-link=address]")).toHaveText("https://gpu.example:8443/v1");
    await expect(dialog.locator("[data-link=wire]")).toHaveText("Chat Completions");
    await expect(dialog.locator("[data-link=timeout]")).toContainText("90");
    await expect(dialog.locator(".bullets").first()).toContainText("gpu.example:8443");
    // Enter or a click in passing adds nothing.
    await expect(dialog.locator("[data-cancel]")).toBeFocused();
    await shoot(page, `deep-link-${language}`);
    await page.keyboard.press("Enter");
    await expect(dialog).toHaveCount(0);
    expect((await usher.calls()).filter((call) => call.startsWith("add_"))).toEqual([]);
  });
}

test("a service is added by the click, and its panel is shown", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await give(page, { kind: "add", service });
  const dialog = page.getByTestId("deep-link");
  await usher.until(() => expect(dialog).toBeVisible());
  await page.evaluate(() =>
    window.fake?.nextFailures.set("add_endpoint", { code: "settings_unusable", cause: "", retry_at: null }),
  );
  await dialog.getByRole("button", { name: "Add service" }).click();
  await usher.until(() => expect(dialog).toContainText("The service was not added."));
  await dialog.getByRole("button", { name: "Add service" }).click();
  await usher.until(() => expect(usher.title).toContainText("My GPU"));
  await expect(dialog).toHaveCount(0);
  expect((await usher.calls()).filter((call) => call.startsWith("run_test"))).toEqual([]);
});

test("what is asked about stays when another link comes, which is asked about next", async ({
  usher,
  page,
}) => {
  await usher.open({ state: "signed-in" });
  await give(page, { kind: "add", service });
  const name = page.locator("[data-testid=deep-link] [data-link=name]");
  await usher.until(() => expect(name).toHaveText("My GPU"));
  await give(page, { kind: "add", service: { ...service, name: "Second" } });
  await give(page, { kind: "add", service: { ...service, name: "Third" } });
  await usher.wait(1000);
  await expect(name).toHaveText("My GPU");
  await page.keyboard.press("Escape");
  await usher.until(() => expect(name).toHaveText("Third"));
  await page.keyboard.press("Escape");
  await usher.until(() => expect(name).toHaveCount(0));
});

test("a link that is rejected says why, and changes nothing", async ({ usher, page }) => {
  await usher.open({ state: "signed-in", theme: "dark" });
  await give(page, { kind: "rejected", cause: "the link has name twice" });
  const dialog = page.getByTestId("deep-link-rejected");
  await usher.until(() => expect(dialog).toContainText("The link has name twice."));
  await expect(dialog).toContainText("Nothing was changed.");
  await shoot(page, "deep-link-rejected");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toHaveCount(0);
});

test("a panel is opened, but not under a dialog", async ({ usher, page }) => {
  await usher.open({ state: "signed-in" });
  await usher.until(() => expect(usher.item("go-gateway")).toBeVisible());
  await give(page, { kind: "open", panel: "gateway" });
  await usher.until(() => expect(usher.title).toHaveText("Gateway"));
  await give(page, { kind: "open", panel: "preferences" });
  await usher.until(() => expect(usher.title).toHaveText("Preferences"));
  await give(page, { kind: "open", panel: "plan" });
  await usher.until(() => expect(usher.title).toContainText("OpenAI"));
  await page.locator("#disconnect").click();
  await usher.until(() => expect(page.getByRole("dialog")).toBeVisible());
  await give(page, { kind: "open", panel: "tools" });
  await usher.wait(1000);
  await expect(usher.title).toContainText("OpenAI");
});
