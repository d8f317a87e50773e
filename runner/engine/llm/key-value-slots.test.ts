import { seededRandom } from "@infernet/schemas/seeded-random";
import { expect, it } from "vitest";
import type { DecoderLayout } from "./decoder-layout.ts";
import { type Fresh, KeyValueSlots } from "./key-value-slots.ts";

const HEADS = 2;
const WIDTH = 3;
const layout: DecoderLayout = {
  pasts: ["past_key_values.0.key", "past_key_values.0.value"],
  presents: ["present.0.key", "present.0.value"],
  takesPositions: true,
  ...{ heads: HEADS, width: WIDTH, cache: "float32", logits: "float32", vocabulary: 8 },
};

/** Numbers that tell whose they are: completion, lane, head, position and place. */
const numberOf = (id: number, lane: number, head: number, position: number, n: number): number =>
  id * 100_000 + lane * 50_000 + head * 10_000 + position * 10 + n;

/** What a call gives of `count` positions, after `past` that it repeats. */
function freshOf(id: number, from: number, count: number, past: number): Fresh {
  const lanes = [0, 1].map((lane) => {
    const numbers = new Float32Array(HEADS * (past + count) * WIDTH);
    for (let head = 0; head < HEADS; head++)
      for (let i = 0; i < count; i++)
        for (let n = 0; n < WIDTH; n++)
          numbers[(head * (past + count) + past + i) * WIDTH + n] = numberOf(id, lane, head, from + i, n);
    return numbers;
  });
  return { lanes, positions: past + count, start: past };
}

function expectRow(slots: KeyValueSlots, row: number, id: number): void {
  const length = slots.lengths[row] ?? 0;
  const { lanes } = slots.read(row, 0, length);
  expect(lanes).toEqual(freshOf(id, 0, length, 0).lanes);
}

it("keeps what each row has while rows come, grow and go", () => {
  const seed = 11;
  const random = seededRandom(seed);
  const slots = new KeyValueSlots(layout);
  const ids: number[] = [];
  for (let turn = 0; turn < 400; turn++) {
    const row = Math.floor(random() * ids.length);
    if (ids.length === 0 || (random() < 0.1 && ids.length < 9)) {
      ids.push(turn);
      slots.add();
    } else if (random() < 0.08) {
      slots.remove(row);
      const last = ids.pop();
      if (row < ids.length && last !== undefined) ids[row] = last;
    } else {
      const from = slots.lengths[row] ?? 0;
      const count = random() < 0.7 ? 1 : 1 + Math.floor(random() * 40);
      slots.put(row, from, count, freshOf(ids[row] ?? 0, from, count, random() < 0.5 ? 0 : slots.past), 0);
    }
    if (random() < 0.2) slots.fit();
    expect(slots.past % 32, `seed ${seed}, turn ${turn}`).toBe(0);
    for (const [i, id] of ids.entries()) expectRow(slots, i, id);
  }
});

it("puts what is computed anew in the place of what stood there", () => {
  const slots = new KeyValueSlots(layout);
  slots.add();
  slots.put(0, 0, 40, freshOf(1, 0, 40, 0), 0);
  slots.put(0, 0, 32, freshOf(2, 0, 32, 0), 0);
  expectRow(slots, 0, 2);
  expect(slots.lengths).toEqual([32]);
});
