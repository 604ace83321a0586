// Builds the page once for each of its languages. Files that are the same in all of them, like the styles, are shared.
//
// `node scripts/build.js [LANGUAGE…]`; without one: all.

import { build } from "vite";

import { languages } from "./messages.js";

const asked = process.argv.slice(2);
for (const language of asked.length > 0 ? asked : languages) {
  process.env["PAGE_LANGUAGE"] = language;
  await build();
}
