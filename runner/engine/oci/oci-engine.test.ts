import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { describeEngine } from "../engine-contract.ts";
import { containersHere } from "./testing/containers-here.ts";
import { fileModel, imageModel, rowsOfTwo } from "./testing/test-image.ts";

const dir = await mkdtemp(join(tmpdir(), "infernet-oci-"));
afterAll(() => rm(dir, { recursive: true, force: true }));
const here = await containersHere(dir);

describe.skipIf(here.skip)(`containers${here.skip ? ` (skipped: ${here.skip})` : ""}`, () => {
  describeEngine("oci", async () => ({
    engine: here.engine("oci"),
    model: await imageModel(dir, here.program, "double"),
    slow: await imageModel(dir, here.program, "slow"),
    garbage: await fileModel(dir, "garbage.tar", new TextEncoder().encode("not an image")),
  }));

  it("doubles rows", async () => {
    const model = await imageModel(dir, here.program, "double");
    const session = await here.engine("oci").load(model.manifest, dir);
    const { outputs } = await session.run(rowsOfTwo(3), 3, {
      timeout_ms: 10_000,
      signal: new AbortController().signal,
    });
    expect(outputs).toHaveLength(1);
    await session.close();
  });
});
