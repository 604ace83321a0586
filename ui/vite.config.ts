// Two builds. The shipped one contains the cores of the window and of `usher settings`. With VITE_FAKE=1 or VITE_BRIDGE=1
// the page can also use the in-memory core or a test server; those builds never go to ./dist.

import { readFileSync } from "node:fs";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

import { servedLikeTheWindow } from "./scripts/preview.ts";

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as {
  version: string;
};
const fake = process.env["VITE_FAKE"] === "1";
const bridge = process.env["VITE_BRIDGE"] === "1";

export default defineConfig(({ command }) => ({
  plugins: [svelte(), servedLikeTheWindow()],
  define: {
    __FAKE__: JSON.stringify(fake || command === "serve"),
    __VERSION__: JSON.stringify(version),
    __BRIDGE__: JSON.stringify(bridge),
  },
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    target: "es2022",
    outDir: fake || bridge ? "dist-test" : "dist",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // A data: address would need img-src data: in the content policy.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    // What the first paint shares with deferred chunks is one file: several files compress worse.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] } },
    },
  },
}));
