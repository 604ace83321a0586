// Checks the messages: each language has those of English, with the same parameters and the plural forms that it needs,
// and the page or the tray uses each of them. The build itself fails for a message or a parameter that is missing, too.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { formsOf, languages, messagesOf } from "./messages.js";
import { files, source } from "./source.js";

/** @typedef {import("./messages.js").Messages} Messages */

/** @param {string} text */
const parametersOf = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");

/** @param {readonly string[]} names */
const listed = (names) => [...new Set(names)].toSorted().join(", ") || "none";

/** What no message of a language has: punctuation and spaces of another one. */
/** @type {Record<string, RegExp>} */
const typography = {
  de: /["“]\p{L}|\d%|E-Mail/u,
  fr: /[^\s\u202f\u00a0][;!?»]|«[^\u202f\u00a0]|[^\u202f\u00a0]»|[\p{L}]:(?!\/)| [:;?!»]/u,
  es: /["“„]\p{L}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー][?!,.]|[：“”]|。 |: 「/u,
  "zh-Hans": /\p{Script=Han}[?!,.:;]|[「」]|[。，：] \S/u,
};

/**
 * Returns what is wrong with the messages of a language.
 *
 * @param {string} language @param {Messages} messages @param {Messages} english
 */
export function mistakes(language, messages, english) {
  const found = Object.keys(english)
    .filter((key) => !(key in messages))
    .map((key) => `${key} is missing`);
  for (const [key, message] of Object.entries(messages)) {
    const first = english[key];
    if (first === undefined) {
      found.push(`${key} is not in English`);
      continue;
    }
    if ((typeof message === "string") !== (typeof first === "string")) {
      found.push(`${key} has plural forms in one language only`);
      continue;
    }
    const wrong = Object.values(formsOf(message))
      .map((text) => typography[language]?.exec(text.replaceAll(/`[^`]*`|https?:\S*/g, "x")))
      .find((match) => match);
    if (wrong) found.push(`${key} has the punctuation of another language: ${wrong[0]}`);
    const wanted = listed(Object.values(formsOf(first)).flatMap(parametersOf));
    // A form for one number alone may say it without the number.
    const given = listed(Object.values(formsOf(message)).flatMap(parametersOf));
    if (given !== wanted) found.push(`${key} has the parameters ${given} instead of ${wanted}`);
    const forms = listed(Object.keys(formsOf(message)));
    const needed = listed(new Intl.PluralRules(language).resolvedOptions().pluralCategories);
    if (typeof message !== "string" && forms !== needed)
      found.push(`${key} has the forms ${forms} instead of ${needed}`);
  }
  return found.map((mistake) => `messages/${language}.json: ${mistake}`);
}

/** Programs whose texts are among the messages: crates/text makes functions of them. */
const crates = ["text", "tray"].map((name) =>
  fileURLToPath(new URL(`../../crates/${name}/src`, import.meta.url)),
);

/** Returns messages that no text uses. @param {Messages} english @param {string} code of the page, or of Rust */
export function strangers(english, code) {
  const used = new Set([...code.matchAll(/\b(?:m\.|m::|messages::)(\w+)\(/g)].map(([, key]) => key ?? ""));
  const unused = Object.keys(english).filter((key) => !used.has(key));
  return unused.map((key) => `messages/en.json: no text uses ${key}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const english = messagesOf("en");
  const texts = [`${source}/text`, ...crates].flatMap(files).map((file) => readFileSync(file, "utf8"));
  const found = [
    ...languages.flatMap((language) => mistakes(language, messagesOf(language), english)),
    ...strangers(english, texts.join("\n")),
  ];
  for (const mistake of found) console.error(mistake);
  if (found.length > 0) process.exit(1);
  console.log(`messages: ${Object.keys(english).length} in ${languages.length} languages`);
}
