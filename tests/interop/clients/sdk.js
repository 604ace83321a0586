// The packages of one maker on one stage, and what they are asked to do.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { startProgram } from "./program.js";
import { openStage } from "./stage.js";
import { note } from "./table.js";

/** Words that make the sandbox call both functions that the programs declare, the calls, and what it then says. */
export const BOTH = 'call look with {"at":"sky"} and call listen with {"at":"sea"}';
export const CALLS = [
  { name: "look", input: { at: "sky" } },
  { name: "listen", input: { at: "sea" } },
];
export const SAID = "the tool said: look is clear; listen is clear";

/**
 * Starts the programs of `packages` before the tests of a file and ends them after. `variables` are those that the
 * stage is given to them by. Gives what a case of the package called `name` gets.
 */
export function onStage(packages, model, variables) {
  const programs = new Map();
  let stage;

  before(async () => {
    stage = await openStage();
    for (const { name, command } of packages) {
      const home = stage.home(`package-${programs.size}`, variables(stage));
      programs.set(name, startProgram(command, home, model));
    }
  });

  after(async () => {
    for (const program of programs.values()) await program.close();
    const wanted = stage.outside.take();
    for (const name of programs.keys()) note(name, "wanted outside", wanted.join(" ") || "nothing");
    const code = await stage.close();
    assert.deepEqual({ wanted, code }, { wanted: [], code: 0 }, "neither they nor Usher want the outside");
  });

  return (name) => () => ({ stage, program: programs.get(name) });
}
