// Browser tests on the in-memory core, and on the real core against the sandbox (tests/real, see
// tests/README.md). The page is served with the window's own content policy.

import { defineConfig } from "@playwright/test";

const port = 4183;

/** Takes pictures instead of testing; without SHOTS=1 it would take none. */
const pictures = process.env["SHOTS"] === "1" ? [{ name: "pictures", testDir: "tests/pictures" }] : [];

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results/run",
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  // Limits for tests that hang; generous, because a computer that builds at the same time is slow.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["./tests/support/failures.ts"]],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "Europe/London",
    viewport: { width: 960, height: 680 },
    permissions: ["clipboard-read", "clipboard-write"],
    // Without pictures of each moment, which take a quarter of the time of all tests.
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "memory", testIgnore: ["real/**", "pictures/**"] },
    // One at a time, because the two redirect ports are shared by the whole computer.
    { name: "real", testDir: "tests/real", workers: 1 },
    ...pictures,
  ],
  webServer: {
    // Not through npx, which would leave the server running when killed.
    command: `node scripts/build.js en de fr es ja zh-Hans en-XA && exec node node_modules/vite/bin/vite.js preview --host 127.0.0.1 --port ${port} --strictPort`,
    env: { VITE_FAKE: "1", VITE_BRIDGE: "1" },
    url: `http://127.0.0.1:${port}/`,
    reuseExistingServer: false,
    timeout: 120_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 2_000 },
  },
});
