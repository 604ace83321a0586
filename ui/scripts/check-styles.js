// Checks that raw colours, sizes and times are only in tokens.css, and that no style depends on the writing direction.
// Reads all other .css files, and <style> blocks and style attributes of .svelte files.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { files, source } from "./source.js";

const colour = /#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb|color-mix)\(/i;
const size = /(?<![\w-])-?(?:\d*\.)?\d*[1-9]\d*(?:px|rem|em|ch|vw|vh|pt|ms|s)\b/;
const physical =
  /(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|text-align:\s*(?:left|right)|float)\s*:|text-align:\s*(?:left|right)/;
/** 100vw and 100vh are the size of the window, which no token can express. */
const fullViewport = /\b100v[wh]\b/g;

/** @param {string} css @returns {{ line: number, text: string, why: string }[]} */
export function strays(css) {
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  return bare.split("\n").flatMap((text, index) => {
    // Custom properties do not work in media conditions.
    if (/^\s*@(media|container|supports)/.test(text)) return [];
    const line = text.replace(fullViewport, "");
    const why = colour.test(line)
      ? "raw colour"
      : size.test(line)
        ? "raw size or time"
        : physical.test(line)
          ? "physical side"
          : null;
    return why ? [{ line: index + 1, text: text.trim(), why }] : [];
  });
}

/** @param {string} file @param {string} text */
export function check(file, text) {
  if (file.endsWith("tokens.css")) return [];
  if (file.endsWith(".css")) return strays(text).map((stray) => ({ file, ...stray }));
  const found = [];
  for (const match of text.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)) {
    const before = text.slice(0, match.index).split("\n").length - 1;
    for (const stray of strays(match[1] ?? "")) found.push({ file, ...stray, line: stray.line + before });
  }
  for (const [index, line] of text.split("\n").entries()) {
    if (/\sstyle=/.test(line))
      found.push({ file, line: index + 1, text: line.trim(), why: "style attribute" });
  }
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const styled = files(source).filter((file) => /\.(css|svelte)$/.test(file));
  const found = styled.flatMap((file) => check(file, readFileSync(file, "utf8")));
  for (const { file, line, why, text } of found) console.error(`${file}:${line}: ${why}: ${text}`);
  if (found.length > 0) process.exit(1);
  console.log(`styles: ${styled.length} files, no raw values outside tokens.css`);
}
