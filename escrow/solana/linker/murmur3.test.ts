import { expect, test } from "vitest";
import { murmur3 } from "./murmur3.ts";

test.each([
  ["", 0],
  ["hello", 0x248bfa47],
  ["hello, world", 0x149bbb7f],
  ["The quick brown fox jumps over the lazy dog", 0x2e4ff723],
  ["abort", 0xb6fc1a11],
  ["sol_log_", 0x207559bd],
  ["sol_invoke_signed_c", 0xa22b9c85],
])("the hash of '%s' is the known one", (name, known) => {
  expect(murmur3(name)).toBe(known);
});
