import { mkdirSync } from "node:fs";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

// rules: pure code. runner: the machine side. escrow: the on-chain program in the real virtual machine, and its clients. objects: inside workerd. live: real processes.
export default defineConfig({
  test: {
    passWithNoTests: true,
    // On two cores the default is one worker, which mostly waits: for processes, for workerd, for a disk.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "rules",
          testTimeout: 60_000,
          // Modules here keep nothing from file to file: one set of them serves all.
          isolate: false,
          include: [
            "schemas/**/*.test.ts",
            "protocol/**/*.test.ts",
            "db/**/*.test.ts",
            "e2e/docs/*.test.ts",
            "e2e/sim/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          name: "runner",
          include: ["runner/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false,
        },
      },
      { test: { name: "escrow", include: ["escrow/**/*.test.ts"], testTimeout: 60_000 } },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              serviceBindings: { DISK: { disk: { path: testBlobs(), writable: true } } },
              bindings: {
                WEBHOOK_PRIVATE_KEY: btoa("0123456789abcdef0123456789abcdef"),
                NETWORK_PRIVATE_KEY: btoa("fedcba9876543210fedcba9876543210"),
              },
            },
          }),
        ],
        test: {
          name: "objects",
          testTimeout: 20_000,
          globalSetup: "./e2e/network/serve-devchain.ts",
          provide: { indexMigrations: await readD1Migrations("db/index/migrations") },
          include: ["edge/**/*.test.ts"],
          exclude: ["edge/host/**", "**/node_modules/**"],
        },
      },
      {
        test: {
          name: "live",
          include: ["e2e/live/**/*.test.ts", "e2e/numerics/**/*.test.ts"],
          exclude: ["e2e/live/readme.test.ts", "**/node_modules/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "readme",
          // It builds the Worker that the others start: it runs when they are over.
          include: ["e2e/live/readme.test.ts"],
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

/** The folder of workerd's disk service, which holds the blobs of a self-hosted edge. */
function testBlobs(): string {
  const folder = ".state/test-blobs";
  mkdirSync(folder, { recursive: true });
  return folder;
}
