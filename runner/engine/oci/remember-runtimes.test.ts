import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@infernet/schemas/limits";
import { afterEach, beforeEach, expect, it } from "vitest";
import { rememberRuntimes } from "./remember-runtimes.ts";

let home: string;
let attempts: number;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-runtimes-"));
  attempts = 0;
});
afterEach(() => rm(home, { recursive: true, force: true }));

const ask = (tried: string, now_ms: number, working = ["runc"]) =>
  rememberRuntimes(home, tried, now_ms, async () => {
    attempts += 1;
    return working;
  });

it("tries runtimes once a day, and again when something else is to be tried", async () => {
  const day_ms = LIMITS.hardware_age_ms_max;
  for (const now_ms of [0, 1, day_ms - 1]) expect(await ask("podman 4", now_ms)).toEqual(["runc"]);
  expect(attempts).toBe(1);
  await ask("podman 4", day_ms);
  expect(attempts).toBe(2);
  await ask("podman 5", day_ms);
  expect(attempts).toBe(3);
});

it("tries again what failed, and what a damaged file says", async () => {
  expect(await ask("podman 4", 0, [])).toEqual([]);
  await ask("podman 4", 1);
  expect(attempts).toBe(2);
  await writeFile(join(home, "runtimes.json"), "{");
  await ask("podman 4", 2);
  expect(attempts).toBe(3);
});
