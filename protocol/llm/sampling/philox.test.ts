import { expect, test } from "vitest";
import { philox } from "./philox.ts";
import vectors from "./vectors/philox.json" with { type: "json" };

const word = (text: string | undefined): number => Number.parseInt(text ?? "", 16);

test.each(vectors)("gives what Random123 gives for $counter and $key", ({ counter, key, words }) => {
  const given = new Uint32Array(4);
  const [c0, c1, c2, c3] = counter;
  philox({ counter: [word(c0), word(c1), word(c2), word(c3)], key: [word(key[0]), word(key[1])] }, given);
  expect([...given]).toEqual(words.map(word));
});
