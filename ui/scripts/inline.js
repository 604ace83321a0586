// Builds a page of one language: each call of a message becomes its text. So a page is no larger than one that was written
// in its language, and a message that is missing fails the build.
//
// Paraglide's functions for the messages are used where there is no build: in `npm run dev`, by the type check, which
// knows the parameters of each message from them, and in the unit tests.

import { fileURLToPath } from "node:url";

import { formsOf, languages, messagesOf } from "./messages.js";

/** @typedef {import("./messages.js").Messages} Messages */
/** @typedef {{ type: string, start: number, end: number, [name: string]: any }} Node */

const formats = fileURLToPath(new URL("../src/text/format.ts", import.meta.url));

/** Returns the plugins that give a page its language. @param {string} language @returns {import("vite").Plugin[]} */
export function inLanguage(language) {
  const messages = messagesOf(language);
  return [
    {
      // Before Vite finds Paraglide's functions, whose runtime would be in the page although nothing calls it.
      name: "no-message-functions",
      apply: "build",
      enforce: "pre",
      resolveId: { filter: { id: /^#messages$/ }, handler: () => "\0messages" },
      load: { filter: { id: /^\0messages$/ }, handler: () => "export {};" },
    },
    {
      name: "inlined-messages",
      apply: "build",
      enforce: "post",
      transform: {
        filter: { code: "#messages" },
        handler(code) {
          return { code: inlined(code, this.parse(code), messages), map: null };
        },
      },
      transformIndexHtml: (html) => html.replace('lang="en"', `lang="${language}"`),
    },
    {
      // Of all pages but the first, in a folder of their own.
      name: "page-of-the-language",
      apply: "build",
      enforce: "post",
      generateBundle(_, bundle) {
        const page = bundle["index.html"];
        if (language === languages[0] || page?.type !== "asset") return;
        delete bundle["index.html"];
        this.emitFile({ type: "asset", fileName: `${language}/index.html`, source: page.source });
      },
    },
  ];
}

/**
 * Replaces calls of messages by template literals with their text.
 *
 * @param {string} code a module that imports the messages as `m`
 * @param {unknown} tree its syntax tree
 * @param {Messages} messages
 * @returns {string}
 * @throws {Error} for a message or a parameter that is missing.
 */
export function inlined(code, tree, messages) {
  /** Returns the source of a node, with messages replaced. @param {Node} node @returns {string} */
  function sourceOf(node) {
    if (isMessage(node)) return textOf(node["callee"].property.name, node["arguments"][0]);
    let [source, at] = ["", node.start];
    for (const child of childrenOf(node)) {
      source += code.slice(at, child.start) + sourceOf(child);
      at = child.end;
    }
    return source + code.slice(at, node.end);
  }

  /** @param {string} key @param {Node | undefined} given the object with the parameters */
  function textOf(key, given) {
    const message = messages[key];
    if (message === undefined) throw new Error(`no message ${key}`);
    const properties = /** @type {Node[]} */ (given?.["properties"] ?? []);
    const values = new Map(properties.map((one) => [one["key"].name, sourceOf(one["value"])]));
    if (typeof message !== "string") values.set("number", `$count(${values.get("count")})`);
    const literal = (/** @type {string} */ text) => literalOf(key, text, values);
    const forms = Object.entries(formsOf(message)).map(([form, text]) => `${form}: ${literal(text)}`);
    return typeof message === "string"
      ? literal(message)
      : `$plural(${values.get("count")}, { ${forms.join(", ")} })`;
  }

  const root = /** @type {Node} */ (tree);
  const source = code.slice(0, root.start) + sourceOf(root) + code.slice(root.end);
  return source.includes("$plural(")
    ? `import { plural as $plural, count as $count } from ${JSON.stringify(formats)};\n${source}`
    : source;
}

/** @param {string} key @param {string} text @param {ReadonlyMap<string, string>} values sources of the parameters */
function literalOf(key, text, values) {
  const parts = text.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[`\\]/g, "\\$&");
    if (!values.has(part)) throw new Error(`the message ${key} is not given ${part}`);
    return `\${${values.get(part)}}`;
  });
  return `\`${parts.join("")}\``;
}

/** @param {Node} node */
const isMessage = ({ type, callee }) =>
  type === "CallExpression" && callee.type === "MemberExpression" && callee.object.name === "m";

/** Returns the nodes below a node in the order of the source. @param {Node} node @returns {Node[]} */
function childrenOf(node) {
  const below = Object.values(node)
    .flat()
    .filter((value) => value !== null && typeof value === "object" && typeof value.type === "string");
  // A property in short form has its name as key and as value.
  return below
    .toSorted((one, other) => one.start - other.start)
    .filter(({ start }, index, all) => start !== all[index - 1]?.start);
}
