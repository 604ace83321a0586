// A part of a page that a program writes, between two comments.
import { readFileSync, writeFileSync } from "node:fs";

/** Returns the part `name` of `page`, which `writer` writes. */
export function pagePart(page, name, { writer }) {
  const [begin, end] = [`<!-- ${name}: written by ${writer} -->`, `<!-- end of ${name} -->`];
  const committed = () => {
    const [, rest] = readFileSync(page, "utf8").split(`${begin}\n`);
    return rest.split(`\n${end}`)[0];
  };
  return {
    /** Returns the text. */
    committed,
    /** Replaces the text. */
    commit(text) {
      const old = `${begin}\n${committed()}\n${end}`;
      writeFileSync(page, readFileSync(page, "utf8").replace(old, () => `${begin}\n${text}\n${end}`));
    },
  };
}
