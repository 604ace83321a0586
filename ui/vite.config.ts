// Two builds. The shipped one knows only the window's own core. With VITE_FAKE=1 or VITE_BRIDGE=1 the
// page can also talk to the in-memory core or to a test server; those never reach ./dist.

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

import { servedLikeTheWindow } from "./scripts/preview.ts";

const fake = process.env["VITE_FAKE"] === "1";
const bridge = process.env["VITE_BRIDGE"] === "1";

export default defineConfig(({ command }) => ({
  plugins: [svelte(), servedLikeTheWindow()],
  define: {
    __FAKE__: JSON.stringify(fake || command === "serve"),
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
  },
}));
