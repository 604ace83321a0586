import { describe, expect, it } from "vitest";

import { models } from "../ipc/fake/scenarios";
import { nextActive } from "../components/popup/listNavigation";
import { bestMatch, keptEffort, search } from "./picker";

const list = models(0).models;

describe("the model list", () => {
  it("keeps the server's order and marks matches", () => {
    const found = search(list, "luna");
    expect(found.map((one) => one.model.id)).toEqual(["gpt-6-luna", "gpt-5.6-luna"]);
    expect(found[0]).toMatchObject({ before: "GPT-6-", match: "Luna", after: "" });
    expect(search(list, "")).toHaveLength(6);
    expect(search(list, "")[0]).toMatchObject({ before: "GPT-6.2-Sol", match: "", after: "" });
  });

  it("prefers a match of the complete query", () => {
    const named = ["Scout 4 Mini", "Scout Mini"].map((name) => ({ id: name, name }));
    const found = search(named, "Scout Mini");
    expect(found).toHaveLength(2);
    expect(found[bestMatch(found, "Scout Mini")]?.model.id).toBe("Scout Mini");
    expect(bestMatch(found, "")).toBe(0);
    expect(bestMatch([], "x")).toBe(0);
  });

  it("requires every word in name or id", () => {
    expect(search(list, "sol 6").map((one) => one.model.id)).toEqual(["gpt-6.2-sol", "gpt-6.1-sol"]);
    expect(search(list, "nothing")).toEqual([]);
  });

  it("moves with the keys of a list box and wraps around", () => {
    expect(nextActive(0, 6, "ArrowDown")).toBe(1);
    expect(nextActive(5, 6, "ArrowDown")).toBe(0);
    expect(nextActive(0, 6, "ArrowUp")).toBe(5);
    expect(nextActive(3, 6, "Home")).toBe(0);
    expect(nextActive(3, 6, "End")).toBe(5);
    expect(nextActive(0, 6, "PageDown")).toBe(5);
    expect(nextActive(5, 6, "PageUp")).toBe(0);
    expect(nextActive(0, 6, "a")).toBeNull();
    expect(nextActive(0, 0, "ArrowDown")).toBeNull();
  });

  it("keeps the effort if the new model has it", () => {
    expect(keptEffort([{ id: "low" }, { id: "high" }], "low", "high")).toBe("low");
    expect(keptEffort([{ id: "medium" }], "low", "high")).toBeNull();
    expect(keptEffort([{ id: "medium" }], null, null)).toBeNull();
    expect(keptEffort([{ id: "low" }, { id: "high" }], "low", "low")).toBeNull();
  });
});
