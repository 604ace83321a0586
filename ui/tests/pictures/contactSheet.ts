// A page with all pictures side by side, to look at: test-results/shots/all/index.html.

import { readdirSync, writeFileSync } from "node:fs";

const folder = new URL("../../test-results/shots/all/", import.meta.url);

/** Each picture opens in its size. */
const picture = (file: string) =>
  `<a href="${file}"><figure><img src="${file}" loading="lazy" width="480" alt=""><figcaption>${file}</figcaption></figure></a>`;

/** Lists what is there: a run of some pictures keeps the others of the last run. */
export function writeContactSheet(): void {
  const files = readdirSync(folder).filter((file) => file.endsWith(".png"));
  const style = "body{display:flex;flex-wrap:wrap;gap:8px;font:12px sans-serif}figure{margin:0}";
  const page = `<!doctype html><title>Pictures</title><style>${style}</style>${files.toSorted().map(picture).join("\n")}\n`;
  writeFileSync(new URL("index.html", folder), page);
}
