// Two builds. The shipped one contains the cores of the window and of `usher settings`. With VITE_FAKE=1 or VITE_BRIDGE=1
// the page can also use the in-memory core or a test server; those builds never go to ./dist. PAGE_LANGUAGE is the language
// of the page; scripts/build.js builds them all.

import { readFileSync } from "node:fs";

import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

import { isInFirstPaint } from "./scripts/first-paint.ts";
import { inLanguage } from "./scripts/inline.js";
import { languages } from "./scripts/messages.js";
import { servedLikeTheWindow } from "./scripts/preview.ts";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as {
  version: string;
};
const fake = process.env["VITE_FAKE"] === "1";
const bridge = process.env["VITE_BRIDGE"] === "1";

const language = process.env["PAGE_LANGUAGE"] ?? "en";
const messages = {
  project: "./project.inlang",
  outdir: "./.messages",
  outputStructure: "locale-modules",
} as const;

/**
 * Vite's loader of later chunks first asks for all that a chunk will ask for. These are files of the program, and their
 * styles are in the page's own: an import does as well, and is a kilobyte less for the first paint.
 */
const withoutPreload: Plugin = {
  name: "without-preload",
  enforce: "pre",
  load: (id) =>
    id.endsWith("vite/preload-helper.js") ? "export const __vitePreload = (load) => load();" : null,
};

export default defineConfig(({ command, isPreview }) => ({
  plugins: [
    command === "serve" && !isPreview && paraglideVitePlugin(messages),
    svelte(),
    inLanguage(language),
    servedLikeTheWindow(),
    withoutPreload,
  ],
  define: {
    __FAKE__: JSON.stringify(fake || command === "serve"),
    __VERSION__: JSON.stringify(version),
    __BRIDGE__: JSON.stringify(bridge),
    __LANGUAGE__: JSON.stringify(language),
  },
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    target: "es2022",
    outDir: fake || bridge ? "dist-test" : "dist",
    // The pages of further languages are built beside the first one.
    emptyOutDir: language === languages[0],
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_file, parts, { hostType }) => (hostType === "html" ? parts : []),
    },
    // A data: address would need img-src data: in the content policy.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    // What the first paint shares with deferred chunks is one file, and what those share with each other is another one:
    // several files compress worse.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: (id, chunks) =>
                isInFirstPaint(id, (one) => chunks.getModuleInfo(one)) ? "shared" : null,
              debugName: "shared",
              minShareCount: 2,
              priority: 1,
            },
            { name: "later", minShareCount: 2 },
          ],
        },
      },
    },
  },
}));
