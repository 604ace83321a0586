// The packages of one vendor on one fixture, and their test input.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { startProgram } from "./program.js";
import { startFixture } from "./fixture.js";
import { note } from "./table.js";

/** A prompt that makes the sandbox call both functions of the programs, the calls, and its reply. */
export const BOTH = 'call look with {"at":"sky"} and call listen with {"at":"sea"}';
export const CALLS = [
  { name: "look", input: { at: "sky" } },
  { name: "listen", input: { at: "sea" } },
];
export const REPLY = "the tool said: look is clear; listen is clear";

/**
 * Starts the programs of `packages` before the tests of a file and ends them afterwards. `variables` are environment
 * variables that point them to the fixture. Returns the arguments of the cases of the package `name`.
 */
export function withPrograms(packages, model, variables) {
  const programs = new Map();
  let fixture;

  before(async () => {
    fixture = await startFixture();
    for (const { name, command } of packages) {
      const home = fixture.home(`package-${programs.size}`, variables(fixture));
      programs.set(name, startProgram(command, home, model));
    }
  });

  after(async () => {
    for (const program of programs.values()) await program.close();
    const contacted = fixture.monitor.take();
    for (const name of programs.keys()) note(name, "other hosts contacted", contacted.join(" ") || "nothing");
    const code = await fixture.close();
    assert.deepEqual({ contacted, code }, { contacted: [], code: 0 }, "neither the packages nor Usher contact other hosts");
  });

  return (name) => () => ({ fixture, program: programs.get(name) });
}
