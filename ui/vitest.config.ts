import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Compiles the runes in `.svelte.ts` files.
  plugins: [svelte()],
  define: { __FAKE__: "true", __BRIDGE__: "false", __LANGUAGE__: '"en"', __VERSION__: '"0.0.0"' },
  test: { include: ["src/**/*.test.ts", "scripts/**/*.test.ts"], environment: "node" },
});
