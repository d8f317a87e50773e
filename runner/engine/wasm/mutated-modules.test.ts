import type { Bytes } from "@infernet/schemas/digest";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { expect, it } from "vitest";
import { EngineFailure } from "../engine-failure.ts";
import type { LoadMessage } from "./load-message.ts";
import { buildSample } from "./testing/build-sample.ts";
import { mutateModule } from "./testing/mutate-module.ts";
import { openRows } from "./testing/open-rows.ts";
import { rowsModule } from "./testing/rows-module.ts";
import { numbers, texts } from "./testing/wasm-fixture.ts";

const MUTANTS = 60;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** Damaged modules run with little fuel, so that the worst that they can do is to be slow. */
const BOUNDS = { fuel_per_row_max: 2_000_000, memory_bytes_max: 4 * 1024 * 1024 };
const TEXTS: Partial<LoadMessage> = {
  inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
  outputs: [
    { name: "words", datatype: "INT32", shape: [null] },
    { name: "capitals", datatype: "BYTES", shape: [null] },
  ],
};

it(`${MUTANTS} damaged modules each end in an answer or a reason (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const subjects: { module: Bytes; change: Partial<LoadMessage>; input: ReturnType<typeof numbers> }[] = [
    { module: rowsModule(), change: {}, input: numbers(1) },
    {
      module: await buildSample("assemblyscript/words.ts"),
      change: TEXTS,
      input: texts("text", 1, () => "two words"),
    },
  ];
  const outcomes = { answers: 0, reasons: 0 };
  for (let i = 0; i < MUTANTS; i++) {
    const { module, change, input } = subjects[i % subjects.length] ?? {
      module: rowsModule(),
      change: {},
      input: numbers(1),
    };
    const mutant = mutateModule(module, random);
    try {
      const opened = await openRows(mutant, { ...change, ...BOUNDS });
      opened.call([input], 1);
      outcomes.answers++;
    } catch (error) {
      if (!(error instanceof EngineFailure))
        throw new Error(`seed ${seed}, mutant ${i}: ${error}`, { cause: error });
      expect(error.message.length).toBeGreaterThan(10);
      outcomes.reasons++;
    }
  }
  expect(outcomes.answers + outcomes.reasons).toBe(MUTANTS);
  expect(outcomes.reasons).toBeGreaterThan(0);
});
