import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSequence } from "./record-sequence.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-sequence-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

test("numbers follow the clock, and go on from the last one when it was set back, also after a restart", async () => {
  const first = await openSequence(home);
  expect([await first.next(1_000), await first.next(1_000), await first.next(900)]).toEqual([
    1_000, 1_001, 1_002,
  ]);
  const second = await openSequence(home);
  expect([await second.next(500), await second.next(2_000)]).toEqual([1_003, 2_000]);
});

test("a file that cannot be read begins with the clock", async () => {
  await writeFile(join(home, "peer-sequence.json"), "{");
  expect(await (await openSequence(home)).next(1_000)).toBe(1_000);
});
