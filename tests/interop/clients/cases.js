// One test for each client and case, on a stage that has forgotten the one before; what came of it is a cell of the
// table.
import { test } from "node:test";
import { note } from "./table.js";

/** The smallest picture: one pixel. */
export const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const PICTURE_URL = `data:image/png;base64,${PICTURE}`;

/** What "count to 40" is answered. */
export const COUNTED = Array.from({ length: 40 }, (_, n) => `${n + 1} `).join("");

/**
 * `given()` is asked when the test begins. A case gives what the table says of it; nothing is "ok". What is of one
 * `kind` with another case shares its cell.
 */
export function caseOf(client, given, kind = "") {
  return (name, run) =>
    test(`${client}${kind}: ${name}`, async () => {
      const { stage, ...more } = given();
      await stage.sandbox.reset();
      let outcome = "**failed**";
      try {
        outcome = (await run({ stage, ...more })) ?? "ok";
      } finally {
        note(client, name, outcome);
      }
    });
}

/** The bodies of the model requests that the backend got. */
export async function bodies(stage) {
  return (await stage.sandbox.requests())
    .filter((request) => request.name === "responses")
    .map((request) => request.body);
}
