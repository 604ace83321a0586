import { defineConfig } from "vitest/config";

export default defineConfig({
  define: { __FAKE__: "true", __BRIDGE__: "false" },
  test: { include: ["src/**/*.test.ts", "scripts/**/*.test.ts"], environment: "node" },
});
