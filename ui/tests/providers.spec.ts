// Keys and services from end to end on the in-memory core.

import { expectAccessible } from "./support/axe";
import { expect, test, type FakePage } from "./support/fake";
import { showTheme } from "./support/settled";
import { shoot } from "./support/shoot";

const row = (usher: FakePage, name: string) => usher.page.getByTestId(`row-${name}`);

test("a pasted key is checked on blur and on Save, and saving tests it", async ({ usher, page }) => {
  await usher.open({ state: "first-run" });
  await usher.button(/^Paste an API key/).click();
  await expect(usher.title).toHaveText("OpenAI API key");
  await expect(usher.key).toBeFocused();
  await expect(usher.key).toHaveAttribute("type", "password");
  await page.keyboard.type("pk-live-4f81");
  await expect(page.locator("#key-error")).toBeHidden();
  // The reveal button counts as part of the field.
  await page.keyboard.press("Tab");
  await expect(page.locator("#key-error")).toBeHidden();
  await page.keyboard.press("Enter");
  await expect(usher.key).toHaveAttribute("type", "text");
  await page.keyboard.press("Tab");
  const wrong = "This is not an OpenAI key. OpenAI keys begin with sk-.";
  await expect(page.locator("#key-error")).toHaveText(wrong);
  await usher.button("Save and test").click();
  await expect(usher.key).toBeFocused();
  await expect(usher.key).toHaveAttribute("aria-invalid", "true");
  await expect(usher.key).toHaveAttribute("aria-describedby", "key-error");
  await expect(usher.alert).toHaveText(wrong);

  await usher.key.fill("sk-proj-sample-7Qf2");
  await page.keyboard.press("Enter");
  await usher.until(() => expect(usher.stage("answer")).toHaveAttribute("data-status", "passed"));
  await expect(row(usher, "key")).toContainText("Saved in your keyring on 20 November");
  await expect(row(usher, "key")).toContainText("7Qf2");
  await expect(usher.item("provider-openai")).toContainText("Connected");
  await expect(page.locator("body")).not.toContainText("sk-proj-sample");
  const calls = await usher.calls();
  const order = ["add_provider openai", "save_key openai", "run_test openai"];
  expect(calls.filter((call) => order.includes(call))).toEqual(order);
});

test("an unsaved key leaves nothing behind", async ({ usher }) => {
  await usher.open({ state: "first-run" });
  await usher.button(/^Paste an API key/).click();
  await expect(usher.item("provider-openai")).toContainText("No key yet");
  await usher.cancel.click();
  await expect(usher.title).toHaveText("Sign in to OpenAI once");
  await expect(usher.item("provider-openai")).toBeHidden();
  expect((await usher.calls()).filter((call) => call.startsWith("add_"))).toEqual([]);
});

test("a saved key is replaced, or disconnected after confirming", async ({ usher, page }) => {
  await usher.open({ state: "key-saved" });
  await usher.until(() => expect(usher.model).toContainText("gpt-6.2-sol"));
  await usher.button("Replace").click();
  await expect(usher.key).toHaveValue("");
  await usher.cancel.click();
  await expect(usher.button("Replace")).toBeFocused();
  await usher.button("Disconnect").click();
  await expect(usher.dialog).toContainText("The key is deleted from your keyring.");
  await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.locator("#forgotten")).toBeFocused();
  await expect(usher.notice).toContainText("delete it at platform.openai.com as well");
  await expect(usher.key).toBeVisible();
  await expect.poll(() => usher.calls()).toContain("forget_key openai");
  await usher.button("Remove").click();
  await expect(usher.title).toHaveText("Groq");
  await expect(usher.item("provider-openai")).toBeHidden();
});

test("a rejected key is shown, and its button leads to the field", async ({ usher }) => {
  await usher.open({ state: "key-refused" });
  await usher.until(() => expect(usher.notice).toContainText("OpenAI rejected this key"));
  await expect(usher.item("provider-openai")).toContainText("Key rejected");
  await usher.page.getByTestId("attention-next").click();
  await expect(usher.key).toBeFocused();
});

test("all models on request, and organization and project saved at once", async ({ usher, page }) => {
  await usher.open({ state: "key-env" });
  await usher.until(() => expect(row(usher, "model")).toContainText("3 models."));
  await usher.button("Show all models").click();
  await expect(row(usher, "model")).toContainText("6 models.");
  await usher.button("Show text models only").click();
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Project").fill("proj_1");
  await page.keyboard.press("Enter");
  await expect(usher.status).toHaveText("Saved.");
  expect((await usher.calls()).some((call) => /change_provider openai .*"project":"proj_1"/.test(call))).toBe(
    true,
  );
});

test("a service fills in name and address, and never what was typed", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-new" });
  const service = page.locator("#service");
  await usher.until(() => expect(service).toBeFocused());
  await usher.chooseService("Groq");
  await expect(service).toBeFocused();
  await expect(service).toContainText("Groq");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Groq");
  await expect(page.getByLabel("Base URL")).toHaveValue("https://api.groq.com/openai/v1");
  await page.getByLabel("Name", { exact: true }).fill("My service");
  await usher.chooseService("Ollama");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("My service");
  await expect(page.getByLabel("Base URL")).toHaveValue("http://localhost:11434/v1");

  await usher.chooseService("Groq");
  await page.getByLabel("API key").fill("gsk_sample_4Zt9");
  await page.getByText("More", { exact: true }).click();
  await page.getByLabel("Timeout").fill("soon");
  await usher.button("Save and test").click();
  await expect(page.getByLabel("Timeout")).toBeFocused();
  await page.getByLabel("Timeout").fill("3601");
  await page.getByLabel("Timeout").press("Tab");
  await expect(page.locator("#endpoint-timeout-error")).toHaveText(
    "Enter a number of seconds from 1 to 3,600.",
  );
  await page.getByLabel("Timeout").fill("3600");
  await page.getByLabel("Header name").fill("Host");
  await page.getByLabel("Value", { exact: true }).fill("x");
  await page.keyboard.press("Enter");
  await expect(page.locator("#header-error")).toHaveText("Usher sets this header itself.");
  await expect(page.getByLabel("Header name")).toBeFocused();
  await page.getByLabel("Header name").fill("X-Title");
  await page.getByLabel("Value", { exact: true }).fill("Usher");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Remove the header X-Title")).toBeVisible();
  await usher.button("Save and test").click();
  await expect(usher.title).toHaveText("My service");
  await usher.until(() => expect(usher.stage("answer")).toHaveAttribute("data-status", "passed"));
  await expect(row(usher, "key")).toContainText("4Zt9");
  const id = "openai-compatible:my-service";
  const wanted = /add_endpoint .*"timeout_seconds":3600.*/;
  const calls = await usher.calls();
  expect(calls.some((call) => wanted.test(call))).toBe(true);
  expect(calls).toEqual(
    expect.arrayContaining([`save_header ${id} X-Title`, `save_key ${id}`, `run_test ${id}`]),
  );
});

test("plain http is rejected at the field, and accepted in the local network", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-new" });
  await usher.until(() => expect(page.locator("#service")).toBeFocused());
  const address = page.getByLabel("Base URL");
  await page.getByLabel("Name", { exact: true }).fill("GPU");
  await address.fill("http://gpu.lan:8000/v1");
  await address.press("Enter");
  await expect(address).toBeFocused();
  await expect(address).toHaveAttribute("aria-describedby", "endpoint-url-error");
  await expect(usher.alert).toContainText("This address would send your key unencrypted.");
  await page.getByRole("switch", { name: "This service is in my local network" }).check();
  await expect(page.locator("#endpoint-url-error")).toBeHidden();
  await address.press("Enter");
  await expect(usher.title).toHaveText("GPU");
});

test("an edited address is that of another service, whose key is optional", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-new" });
  const service = page.locator("#service");
  await usher.until(() => expect(service).toBeFocused());
  await usher.chooseService("Groq");
  const help = page.locator("#endpoint-key-about");
  await expect(help).toContainText("This service needs a key.");
  await page.getByLabel("Base URL").fill("https://llm.example/v1");
  await expect(service).toContainText("Something else");
  await expect(help).toContainText("Leave empty if the service needs no key.");
  await page.getByLabel("Base URL").fill("https://api.groq.com/openai/v1/");
  await expect(service).toContainText("Groq");
  await expect(help).toContainText("This service needs a key.");
});

test("services are chosen with the keyboard, and another one comes first", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-services" });
  const list = page.getByTestId("service-list");
  await usher.until(() => expect(list.getByRole("listbox")).toBeFocused());
  await expect(list.getByRole("option").first()).toContainText("Something else");
  await expect(list.getByRole("group")).toHaveCount(2);
  await page.keyboard.press("o");
  await expect(usher.activeOption).toContainText(/^\s*O/);
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  const name = await usher.activeOption.locator(".option-name").innerText();
  await page.keyboard.press("Enter");
  await expect(page.locator("#service")).toBeFocused();
  await expect(page.locator("#service")).toContainText(name);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await expect(page.locator("#service")).toBeFocused();
});

test("http:// is offered for hosts of the local network only", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-new" });
  await usher.until(() => expect(page.locator("#service")).toBeFocused());
  const local = page.getByRole("switch", { name: "This service is in my local network" });
  await page.getByLabel("Base URL").fill("http://api.groq.com/openai/v1");
  await expect(local).toBeHidden();
  await page.getByLabel("Base URL").fill("http://192.168.1.5:8000/v1");
  await expect(local).toBeVisible();
});

test("a refused key is shown once, with one button", async ({ usher, page }) => {
  await usher.open({ state: "key-refused-tested" });
  await usher.until(() => expect(usher.stage("token")).toContainText("Not passed, see above"));
  await expect(page.getByRole("main").getByText("OpenAI rejected this key")).toHaveCount(1);
  await expect(page.getByRole("button", { name: /^Replace/ })).toHaveCount(1);
  await expect(row(usher, "model")).toContainText("Waiting for a working key.");
  await expect(usher.stage("token").locator(".stage-name")).toHaveText("Key");
  await expect(row(usher, "test")).toContainText("Failed at Key.");
  await page.getByTestId("attention-next").click();
  await expect(usher.key).toBeFocused();
  await expect(page.locator(".btn-primary")).toHaveCount(1);
  await usher.cancel.click();
  await expect(page.getByTestId("attention-next")).toBeFocused();
});

test("a wrong address is shown once, and stays at its field", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-wrong-address" });
  const next = page.getByTestId("stage-next");
  await usher.until(() => expect(next).toHaveText("Change the address"));
  await expect(
    page.getByRole("main").getByText("The server answered, but not with an OpenAI API."),
  ).toHaveCount(1);
  await expect(row(usher, "model")).toContainText("Waiting for a working address.");
  await next.click();
  await expect(page.getByLabel("Base URL")).toBeFocused();
  const error = page.locator("#endpoint-url-error");
  await expect(error).toContainText("The server answered, but not with an OpenAI API. Check the base URL");
  await page.getByLabel("Name", { exact: true }).focus();
  await expect(error).toBeVisible();
  await page.getByLabel("Base URL").fill("https://api.groq.com/openai/v1");
  await page.getByLabel("Name", { exact: true }).focus();
  await expect(error).toBeHidden();
});

test("the buttons of a long address stay beside it", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-long-address", width: 960, height: 680 });
  await usher.until(() => expect(usher.button("Change")).toBeVisible());
  const [address, change] = await Promise.all([
    page.locator(".address").boundingBox(),
    usher.button("Change").boundingBox(),
  ]);
  expect(Math.abs((address?.y ?? 0) - (change?.y ?? 99))).toBeLessThan(8);
});

test("all kinds of providers can be added, and those that exist are marked", async ({ usher, page }) => {
  await usher.open({ state: "providers" });
  await usher.item("go-add").click();
  await expect(page.locator(".action-button")).toHaveText([
    /Another OpenAI account/,
    /Continue with ChatGPT/,
    /OpenAI API key\s*Added/,
    /Codex CLI/,
    /OpenAI-compatible endpoint/,
  ]);
  await page.locator(".action-button").nth(2).click();
  await expect(usher.title).toHaveText("OpenAI API key");
});

test("the core's failure of an address is shown at the field with its cause", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-refused" });
  const error = page.locator("#endpoint-url-error");
  await usher.until(() => expect(error).toContainText("a base address has no query and no fragment"));
  await expect(page.getByLabel("Base URL")).toBeFocused();
});

test("a model by hand is added, grouped and removed", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-here" });
  await usher.until(() => expect(row(usher, "model")).toContainText("Ollama lists no models."));
  await usher.button("Add a model").click();
  await page.getByLabel("Model id").press("Enter");
  await expect(page.locator("#add-model-error")).toHaveText("Enter a model id first.");
  await page.getByLabel("Model id").fill("qwen3:8b");
  await page.getByLabel("Model id").press("Enter");
  await expect(usher.button("Add a model")).toBeFocused();
  await usher.model.click();
  await expect(page.getByRole("group", { name: "Added by hand" }).getByRole("option")).toHaveText([
    "qwen3:8b",
  ]);
  await page.keyboard.press("Enter");
  await expect(usher.model).toContainText("qwen3:8b");
  await usher.button("Remove qwen3:8b").click();
  await expect(row(usher, "model")).toContainText("Ollama lists no models.");
  await expect(usher.button("Add a model")).toBeFocused();
});

test("a service is changed, and disconnected after confirming", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-added" });
  await usher.until(() => expect(usher.model).toBeVisible());
  await usher.button("Change").click();
  await page.getByLabel("Name", { exact: true }).fill("Groq at work");
  await page.getByLabel("Name", { exact: true }).press("Enter");
  await expect(usher.title).toHaveText("Groq at work");
  await usher.until(() => expect(usher.stage("answer")).toHaveAttribute("data-status", "passed"));
  await usher.disconnect.click();
  await usher.dialog.getByRole("button", { name: "Disconnect" }).click();
  await expect(usher.title).toHaveText("Ollama");
  await expect(usher.title).toBeFocused();
  await expect.poll(() => usher.calls()).toContain("remove_provider openai-compatible:groq");
  // Announced, and shown on the next panel until the user navigates on.
  await usher.until(() => expect(usher.status).toHaveText("Groq at work was disconnected."));
  const gone = usher.notice.filter({ hasText: "Groq at work was disconnected" });
  await expect(gone).toContainText("It was removed from the list. The key is deleted from your keyring.");
  await showTheme(page, "light");
  await shoot(page, "endpoint-removed-light");
  await expectAccessible(page);
  await showTheme(page, "dark");
  await shoot(page, "endpoint-removed-dark");
  await expectAccessible(page);
  await usher.item("provider-chatgpt").click();
  await expect(usher.title).toHaveText("OpenAI");
  await expect(gone).toBeHidden();
});

test("a provider that is removed while it is switched leaves no error", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-added" });
  await usher.until(() => expect(usher.title).toHaveText("Groq"));
  await page.evaluate(() => {
    const { fake } = window;
    if (!fake) throw new Error("the page runs in memory");
    fake.setEnabled = async () =>
      fake.change((scenario) => {
        scenario.providers = scenario.providers.filter((one) => one.name !== "Groq");
      });
  });
  await usher.enabled.click();
  await expect(usher.item("provider-openai-compatible:groq")).toHaveCount(0);
});

test("Enabled is stored per provider", async ({ usher }) => {
  await usher.open({ state: "key-saved" });
  await usher.until(() => expect(usher.title).toHaveText("OpenAI API key"));
  await usher.enabled.click();
  await expect(usher.notice).toContainText("Switched off in Usher");
  await expect(usher.item("provider-openai")).toContainText("Off");
  await expect(usher.provider).toContainText("Personal");
  await expect.poll(() => usher.calls()).toContain("set_enabled openai false");
});

for (const [name, state, provider, who] of [
  ["the plan", "off-tested", "chatgpt", "OpenAI"],
  ["a service", "endpoint-off-tested", "openai-compatible:groq", "Groq"],
] as const) {
  test(`a test of ${name} that is switched off shows why, and offers to switch it on`, async ({
    usher,
    page,
  }) => {
    await usher.open({ state });
    const stage = usher.stage("credential");
    await usher.until(() => expect(stage).toContainText(`${who} is switched off in Usher.`));
    // The core's cause would repeat the title.
    await expect(stage).not.toContainText("does not speak to it");
    await expect(usher.alert).toContainText(`${who} is switched off in Usher.`);
    await page.evaluate(() => window.fake?.change((scenario) => (scenario.test = [])));
    await stage.getByRole("button", { name: "Switch it on" }).click();
    await expect(usher.enabled).toBeChecked();
    await expect(usher.test).toHaveText("Stop");
    await expect(usher.test).toBeFocused();
    const calls = (await usher.calls()).filter((call) => /^(set_enabled|run_test)/.test(call));
    expect(calls).toEqual([`run_test ${provider}`, `set_enabled ${provider} true`, `run_test ${provider}`]);
  });
}

test("a test result is discarded when the provider is switched on", async ({ usher }) => {
  await usher.open({ state: "endpoint-off-tested" });
  await usher.until(() => expect(usher.stage("credential")).toContainText("switched off"));
  await usher.enabled.click();
  await expect(usher.stage("credential")).toBeHidden();
  await expect(usher.test).toHaveText("Test");
});

test("models are loaded when the provider is switched on", async ({ usher, page }) => {
  await usher.open({ state: "endpoint-off-unlisted" });
  const model = row(usher, "model");
  await usher.until(() => expect(model).toContainText("Groq is switched off in Usher."));
  await page.evaluate(() =>
    window.fake?.change((scenario) => {
      scenario.lists = {};
    }),
  );
  await model.getByRole("button", { name: "Switch it on" }).click();
  await expect(model).toContainText("Groq lists no models.");
  await expect(usher.title).toBeFocused();
});

test("the Codex CLI's panel shows the usage of its plan", async ({ usher }) => {
  await usher.open({ state: "codex-cli" });
  await usher.until(() => expect(row(usher, "usage")).toContainText("5-hour window"));
  await expect.poll(() => usher.calls()).toContain("usage codex-cli");
});
