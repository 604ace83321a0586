// Signs in on the command line while the window is open.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Reads the address from the output and allows in the user's browser. */
export async function signInByCommandLine(app, person) {
  const login = app.start("login", "--no-browser", "--json");
  const ended = once(login, "exit");
  for await (const line of createInterface({ input: login.stdout })) {
    const event = JSON.parse(line);
    if (event.event === "open") await person.allow(event.url, "Ada Plus");
    assert.notEqual(event.event, "failed", line);
  }
  assert.deepEqual(await ended, [0, null]);
}
