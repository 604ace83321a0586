// What was counted of requests, on the in-memory core.

import { expectAccessible } from "./support/axe";
import { expect, test, type FakePage } from "./support/fake";
import { showTheme } from "./support/settled";

async function openActivity(usher: FakePage): Promise<void> {
  await usher.open({ state: "activity" });
  await usher.until(() => expect(usher.page.getByTestId("day-chart")).toBeVisible());
}

test("the chart says in words what it shows, and its numbers are in the table", async ({ usher, page }) => {
  await openActivity(usher);
  await expect(page.getByTestId("day-chart")).toHaveAccessibleName(
    /^Requests per day from 7 November to 20 November: between 12 and 164, busiest on 12 November\./,
  );
  await expect(
    page.getByText("1,204 requests in 14 days. The busiest day was Wednesday 12 November, with 164."),
  ).toBeVisible();
  await expect(page.getByTestId("day-chart").locator("rect")).toHaveCount(14);
  const first = page.getByTestId("activity-tool").locator("tbody tr").first();
  await expect(first).toContainText(/Codex CLI.*829.*13\.2M.*87%.*13\.8%.*1\.1 s \(3\.9 s\)/s);
  // What is seen as bars and by its place in the table has a name.
  const names = await page.getByTestId("activity-tool").getByRole("columnheader").all();
  const accessible = await Promise.all(names.map((one) => one.getAttribute("aria-label")));
  expect(accessible.filter(Boolean)).toEqual(["Requests in total", "Tokens in total"]);
  await expect(first.getByRole("img").first()).toHaveAccessibleName(/^\d+ to \d+ a day$/);
  await expect(page.getByTestId("activity-errors")).toContainText(
    "12 times: The limit of your plan is reached.",
  );
});

test("period and table are chosen by keyboard", async ({ usher, page }) => {
  await openActivity(usher);
  await page.getByRole("radio", { name: "14 days" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("day-chart").locator("rect")).toHaveCount(30);
  expect(await usher.calls()).toContain("activity 30");
  await page.getByRole("radio", { name: "Tool" }).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByTestId("activity-payer")).toContainText(/Your plan.*The service’s terms/s);
  await page.keyboard.press("ArrowLeft");
  const accounts = page.getByTestId("activity-account");
  await expect(accounts).toContainText("Personal");
  await expect(accounts).toContainText("Removed account");
  for (const theme of ["light", "dark"] as const) {
    await showTheme(page, theme);
    await expectAccessible(page);
  }
});

test("a period without requests locks nobody out of the others", async ({ usher, page }) => {
  await usher.open({ state: "activity-quiet" });
  await expect(page.getByTestId("activity-none")).toHaveText("No requests in the last 14 days.");
  await expect(page.getByTestId("activity-empty")).toHaveCount(0);
  await expect(usher.button("Export CSV")).toBeVisible();
  await page.getByRole("radio", { name: "30 days" }).check();
  await expect(page.getByTestId("day-chart").locator("rect")).toHaveCount(30);
  await page.getByRole("radio", { name: "7 days" }).check();
  await expect(page.getByTestId("activity-none")).toHaveText("No requests in the last 7 days.");
  await usher.button("Delete all counts").click();
  await page.getByTestId("clear-activity").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByTestId("activity-empty")).toContainText("Nothing yet");
});

test("counts are saved where the person says, and deleted after a yes", async ({ usher, page }) => {
  await openActivity(usher);
  await usher.button("Export CSV").click();
  await expect(page.getByText("/home/ada/activity.csv", { exact: true })).toBeVisible();
  expect(await usher.calls()).toContain("export_activity 14 csv");
  await usher.button("Delete all counts").click();
  await page.getByTestId("clear-activity").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByTestId("activity-empty")).toContainText("Nothing yet");
  await usher.button("Connect a tool").click();
  await usher.until(() => expect(usher.title).toHaveText("Tools"));
});
