// Defines one test per client and case, on a reset fixture. Its outcome is a cell of the table.
import { test } from "node:test";
import { note } from "./table.js";

/** The smallest picture: one pixel. */
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const PICTURE_URL = `data:image/png;base64,${PICTURE}`;

/** The response to "count to 40". */
export const COUNT_TO_40 = Array.from({ length: 40 }, (_, n) => `${n + 1} `).join("");

/**
 * `given()` is called when the test begins. A case returns the text of its cell; nothing means "ok". Cases with
 * the same name and another `kind` share a cell.
 */
export function caseOf(client, given, kind = "") {
  return (name, run) =>
    test(`${client}${kind}: ${name}`, async () => {
      const { fixture, ...more } = given();
      await fixture.sandbox.reset();
      let outcome = "**failed**";
      try {
        outcome = (await run({ fixture, ...more })) ?? "ok";
      } finally {
        note(client, name, outcome);
      }
    });
}

/** Returns the bodies of the model requests that the backend received. */
export async function bodies(fixture) {
  return (await fixture.sandbox.requests())
    .filter((request) => request.name === "responses")
    .map((request) => request.body);
}
