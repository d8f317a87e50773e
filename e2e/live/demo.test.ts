import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { GLYPH_BYTES, glyphImages } from "../fixtures/glyphs-model.ts";
import { createTempFolder } from "../network/temp-folder.ts";

const DEMO = fileURLToPath(new URL("../demo/main.ts", import.meta.url));
const folder = createTempFolder();
afterAll(folder.remove);

const demo = (...args: string[]) =>
  spawnSync(process.execPath, [DEMO, ...args], {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: "1" },
  });

/** What scripts may rely on. */
const Report = z.object({
  accuracy: z.number(),
  rows: z.int(),
  shards: z.int(),
  wall_ms: z.number(),
  providers: z.array(
    z.object({ name: z.string(), rows: z.int(), caught: z.boolean(), taken_back_micro: z.string() }),
  ),
  caught: z.array(z.object({ name: z.string(), referees: z.array(z.string()) })),
  earlier: z.object({ recall: z.string().nullable() }),
  webhook: z.object({ verified: z.boolean() }),
  receipt: z.object({ file: z.string(), verified: z.boolean() }),
});

test("the demo reads 2,000 images right, catches the cheat, verifies the receipt, and says so in one JSON object", () => {
  const { status, stdout, stderr } = demo("--json");
  expect(stderr).toContain("Caught: mallory");
  expect(status).toBe(0);
  const report = Report.parse(JSON.parse(stdout));
  expect(report.accuracy).toBeCloseTo(0.99, 3);
  expect(report).toMatchObject({ rows: 2_000, webhook: { verified: true }, receipt: { verified: true } });
  expect(report.caught).toEqual([expect.objectContaining({ name: "mallory", referees: ["themis"] })]);
  const caught = report.providers.filter((provider) => provider.caught);
  expect(caught.map(({ name }) => name)).toEqual(["mallory"]);
  expect(Number(caught[0]?.taken_back_micro)).toBeGreaterThan(0);
  expect(report.earlier.recall).toBe("upheld");
});

test("the demo tells what is wrong with a user's own files", () => {
  const images = join(folder.path, "images.u8");
  const labels = join(folder.path, "labels.u8");
  writeFileSync(images, glyphImages().subarray(0, 3 * GLYPH_BYTES));
  writeFileSync(labels, Uint8Array.of(1, 2, 99));
  for (const [args, says] of [
    [["--images", labels], "3 bytes, which is not a whole number of images of 28 x 28 bytes"],
    [["--images", images, "--labels", labels], "label 2 is 99; labels go from 0 to 34"],
    [["--labels", labels], "--labels belongs to --images"],
  ] as const) {
    const { status, stderr } = demo(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(says);
  }
});
