// The messages of the page: which languages there are, and the pseudo-locale of the tests.

import { readFileSync } from "node:fs";

/** A message with one text for each plural form. @typedef {{ declarations: string[], selectors: string[], match: Record<string, string> }} Variants */
/** @typedef {Record<string, string | [Variants]>} Messages */

const folder = new URL("../", import.meta.url);
const settings = JSON.parse(readFileSync(new URL("project.inlang/settings.json", folder), "utf8"));

/** The languages of the page; that of `index.html` is the first. @type {string[]} */
export const languages = settings.locales;

/** English with accents, longer and in brackets: shows what is not translated and what does not fit. */
export const pseudo = "en-XA";

/** Returns the messages of a language. @param {string} language @returns {Messages} */
export function messagesOf(language) {
  if (language === pseudo) return pseudoOf(messagesOf("en"));
  const file = new URL(`messages/${language}.json`, folder);
  const { $schema: _, ...messages } = JSON.parse(readFileSync(file, "utf8"));
  return messages;
}

/** Returns the texts of a message by plural form; a message without plurals has `other` only. @param {string | [Variants]} message */
export function formsOf(message) {
  if (typeof message === "string") return { other: message };
  const forms = Object.entries(message[0].match);
  return Object.fromEntries(forms.map(([form, text]) => [form.replace("plural=", ""), text]));
}

// Two letters for a vowel make a text about 40 % longer.
const letters =
  "a:áá e:éé i:íí o:óó u:úú A:ÁÁ E:ÉÉ I:ÍÍ O:ÓÓ U:ÚÚ c:ç n:ñ r:ŕ s:š t:ţ w:ŵ y:ý z:ž C:Ç N:Ñ S:Š T:Ţ";
const accents = new Map(letters.split(" ").map((pair) => /** @type {[string, string]} */ (pair.split(":"))));

/** Separators, which have no letters, stay as they are. @param {string} text */
function pseudoText(text) {
  const parts = text.split(/(\{\w+\})/);
  const accented = parts.map((part, index) =>
    index % 2 === 0 ? part.replace(/[a-z]/gi, (letter) => accents.get(letter) ?? letter) : part,
  );
  return parts.some((part, index) => index % 2 === 0 && /[a-z]/i.test(part))
    ? `[${accented.join("")}]`
    : text;
}

/** @param {Messages} messages @returns {Messages} */
function pseudoOf(messages) {
  const pseudoMessage = (/** @type {string | [Variants]} */ message) => {
    if (typeof message === "string") return pseudoText(message);
    const match = Object.entries(message[0].match).map(([form, text]) => [form, pseudoText(text)]);
    return [{ ...message[0], match: Object.fromEntries(match) }];
  };
  return Object.fromEntries(Object.entries(messages).map(([key, message]) => [key, pseudoMessage(message)]));
}
