import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const shapes = (file: string) =>
  [
    ...readFileSync(new URL(file, import.meta.url), "utf8").matchAll(
      /<(?:rect|path|circle) [^>]*?(?= ?\/>)/g,
    ),
  ].map(([shape]) => shape);

describe("icon of Usher", () => {
  it("is the one of the packages, also on the page after a sign-in", () => {
    const icon = shapes("../../../../icons/icon.svg");
    expect(icon.length).toBeGreaterThan(3);
    expect(shapes("./AppIcon.svelte")).toEqual(icon);
    expect(shapes("../../../public/icon.svg")).toEqual(icon);
    const afterSignIn = "../../../../crates/auth/src/sign_in/redirect/callback_page.html";
    expect(shapes(afterSignIn)).toEqual(icon);
  });
});
