import { describe, expect, it } from "vitest";

import { FakeCore } from "../ipc/fake";
import { ModelCatalog } from "./modelCatalog.svelte";

function catalog() {
  const core = new FakeCore("signed-in");
  const models = new ModelCatalog(core, "chatgpt", (command) => command());
  return { models, loads: () => core.calls.filter((call) => call.startsWith("models")) };
}

describe("model catalog", () => {
  it("refreshes after a load that may show a kept list", async () => {
    const { models, loads } = catalog();
    const first = models.load(false);
    const refresh = models.load(true);
    await first;
    expect(models.models).toMatchObject({ at: "ready" });
    await refresh;
    expect(loads()).toEqual(["models chatgpt false", "models chatgpt true"]);
    expect(models.models).toMatchObject({ at: "ready", refreshing: false });
  });

  it("shows a refresh that waits for a load", async () => {
    const { models } = catalog();
    await models.load(false);
    const second = models.load(false);
    expect(models.models).toMatchObject({ at: "ready", refreshing: false });
    const refresh = models.load(true);
    expect(models.models).toMatchObject({ at: "ready", refreshing: true });
    await second;
    await Promise.resolve();
    expect(models.models).toMatchObject({ at: "ready", refreshing: true });
    await refresh;
    expect(models.models).toMatchObject({ at: "ready", refreshing: false });
  });

  it("shares a load, and a refresh", async () => {
    const { models, loads } = catalog();
    await Promise.all([models.load(false), models.load(false)]);
    await Promise.all([models.load(true), models.load(true), models.load(false)]);
    expect(loads()).toEqual(["models chatgpt false", "models chatgpt true"]);
  });

  it("does not refresh for another account than asked", async () => {
    const { models, loads } = catalog();
    void models.load(false);
    const refresh = models.load(true);
    models.forget();
    expect(await refresh).toBeNull();
    expect(loads()).toEqual(["models chatgpt false"]);
    expect(models.models).toEqual({ at: "none" });
  });

  it("shares the load of another account while one of before ends", async () => {
    const { models, loads } = catalog();
    const before = models.load(false);
    models.forget();
    const first = models.load(false);
    await before;
    await Promise.all([first, models.load(false)]);
    expect(loads()).toEqual(["models chatgpt false", "models chatgpt false"]);
  });
});
