import { expect, test } from "vitest";
import { encodeLikely, parseFingerprint, renderFingerprint } from "./fingerprint.ts";

const likely = (first: number) =>
  Array.from({ length: 8 }, (_, i) => ({ token: first + i, logprob: -0.5 - i }));

test("a fingerprint is read as it was written, in steps of 2^-12 nat", () => {
  const text = renderFingerprint([encodeLikely(likely(7)), encodeLikely(likely(100_000))]);
  expect(text).toHaveLength(128);
  const read = parseFingerprint(text);
  expect(read?.positions).toBe(2);
  expect([...(read?.tokens ?? [])].slice(7, 10)).toEqual([14, 100_000, 100_001]);
  expect([...(read?.steps ?? [])].slice(0, 3)).toEqual([-2_048, -6_144, -10_240]);
});

test("what is less likely than a fingerprint can tell is told as its least", () => {
  const far = likely(0).map((one) => ({ ...one, logprob: -20 }));
  expect(parseFingerprint(renderFingerprint([encodeLikely(far)]))?.steps[0]).toBe(-32_768);
});

test.each([
  ["half a position", "AAAA"],
  ["no base64", "*"],
  ["base64 without its end", "AAA"],
])("%s is no fingerprint", (_, text) => {
  expect(parseFingerprint(text)).toBeNull();
});
