import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { createTempFolder } from "../../network/temp-folder.ts";
import { measureCheats, measureHonest } from "./measure-llm.ts";

const MODEL = fileURLToPath(new URL("../../fixtures/tinylm/", import.meta.url));

const folder = createTempFolder();
afterAll(() => folder.remove());

/** `main.ts` beside this measures many answers of every kind; these are a sample. */
describe("completions of 256 tokens", () => {
  it("match when they are honest, whatever the threads, batches, optimisation, schedule and provider", async () => {
    const checkers = [
      { threads: 2, graph_optimization: "disabled" },
      { isStepwise: true },
      { isWeb: true },
    ] as const;
    const tallies = await measureHonest(MODEL, 2, { makers: [{}], checkers });
    expect([...tallies.keys()]).toHaveLength(2);
    for (const [classes, tally] of tallies) {
      expect(tally.zones, classes).toMatchObject({ unclear: 0, fraud: 0 });
      expect(tally.deviationAt(1), classes).toBeLessThan(1e-5);
    }
  });

  it("are found when another model, another prompt or another seed made them", async () => {
    const few = /INT8 products$|layer 4 of 4$|first half|another seed|too many|called a stop/;
    const cheats = await measureCheats(MODEL, folder.path, 2, (what) => few.test(what));
    expect(cheats).toHaveLength(6);
    for (const { what, tally } of cheats) expect(tally.fraudShare, what).toBe(1);
  });
});
