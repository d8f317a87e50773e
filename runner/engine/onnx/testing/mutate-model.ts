import type { Bytes } from "@infernet/schemas/digest";

type Random = () => number;
type Mutation = (model: Bytes, random: Random) => Bytes;

const below = (random: Random, end: number): number => Math.floor(random() * end);

/** Bytes that formats give a meaning: lengths, signs, the ends of ranges. */
const TELLING = [0x00, 0x01, 0x7f, 0x80, 0xff];

const MUTATIONS: readonly Mutation[] = [
  function flipBits(model, random) {
    const mutated = model.slice();
    for (let i = 1 + below(random, 8); i > 0; i--) {
      const at = below(random, mutated.length);
      mutated[at] = (mutated[at] ?? 0) ^ (1 << below(random, 8));
    }
    return mutated;
  },
  function setTellingBytes(model, random) {
    const mutated = model.slice();
    for (let i = 1 + below(random, 4); i > 0; i--)
      mutated[below(random, mutated.length)] = TELLING[below(random, TELLING.length)] ?? 0;
    return mutated;
  },
  function cutShort(model, random) {
    return model.slice(0, below(random, model.length));
  },
  function cutOut(model, random) {
    const start = below(random, model.length);
    const end = start + below(random, Math.min(64, model.length - start));
    return Uint8Array.from([...model.subarray(0, start), ...model.subarray(end)]);
  },
  function repeatPart(model, random) {
    const start = below(random, model.length);
    const end = start + 1 + below(random, Math.min(256, model.length - start));
    return Uint8Array.from([...model.subarray(0, end), ...model.subarray(start)]);
  },
  function fillWithNoise(model, random) {
    const mutated = model.slice();
    const start = below(random, mutated.length);
    for (let at = start; at < Math.min(mutated.length, start + 32); at++) mutated[at] = below(random, 256);
    return mutated;
  },
];

/** A model with a fault of some kind: most no longer load, some load and compute nonsense. */
export function mutateModel(model: Bytes, random: Random): Bytes {
  const mutate = MUTATIONS[below(random, MUTATIONS.length)] ?? MUTATIONS[0];
  return mutate ? mutate(model, random) : model;
}
