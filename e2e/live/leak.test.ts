import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { measurePolls } from "../bench/idle/measure-polls.ts";
import { Cleanup } from "../network/cleanup.ts";
import { createTempFolder } from "../network/temp-folder.ts";

/** Half a day of polls; what the code needs that runs for the first time is there after the first. */
const POLLS = { early: 500, polls: 2_000 };
/** For 1,500 polls: one request, with its answer and its timer, is more than a kilobyte. */
const GROWTH_BYTES_MAX = 1.25 * 1024 ** 2;

test("a runner that finds no work for half a day holds on to nothing of its polls", async () => {
  const cleanup = new Cleanup();
  const { path: folder, remove } = createTempFolder();
  cleanup.add(remove);
  const file = fileURLToPath(import.meta.resolve("infernet-runner/main"));
  const { early_heap_bytes, late_heap_bytes } = await measurePolls({
    node: process.execPath,
    file,
    folder,
    ...POLLS,
  }).finally(() => cleanup.run());
  expect(late_heap_bytes - early_heap_bytes).toBeLessThan(GROWTH_BYTES_MAX);
});
