import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// rules: pure code. runner: the machine side. objects: inside workerd. live: real processes, one file at a time.
export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: "rules",
          include: ["schemas/**/*.test.ts", "protocol/**/*.test.ts", "db/**/*.test.ts"],
        },
      },
      { test: { name: "runner", include: ["runner/**/*.test.ts"] } },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: {
          name: "objects",
          include: ["edge/**/*.test.ts"],
          exclude: ["edge/host/**", "**/node_modules/**"],
        },
      },
      {
        test: {
          name: "live",
          include: ["e2e/live/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
