// The page of clients says what the definitions say: the recipes that defined.test.js runs, and a row for every client.
import assert from "node:assert/strict";
import { test } from "node:test";
import { definitions } from "./definitions.js";
import { committed, reasons, recipes } from "./docs.js";

const hint = "run `node docs.js` in tests/interop/clients, or ./dev clients for the tables";

test("the page has the recipes of the definitions", async () => {
  assert.equal(committed("recipes"), await recipes(), hint);
  assert.equal(committed("reasons"), await reasons(), hint);
});

test("the table has a row for every client", async () => {
  const rows = committed("outcomes")
    .split("\n")
    .slice(2)
    .map((line) => line.split(" | ")[0].replace("| ", ""));
  // ./dev clients --newest writes the versions that it took.
  const named = (row) => row.replace(/ \d\S*(?=,|$)/, "");
  const expected = (await definitions()).flatMap((client) => client.apis.map(client.row));
  assert.deepEqual(rows.map(named).sort(), expected.map(named).sort(), hint);
});
