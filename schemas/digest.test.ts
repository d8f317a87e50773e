import { expect, test } from "vitest";
import { canonicalBytes, sha256 } from "./digest.ts";

test("sha256 of the empty string is FIPS 180-4's", async () => {
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  expect(await sha256(new Uint8Array())).toBe(empty);
});

test("what is no JSON has no canonical bytes", () => {
  for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, "\ud800", { "\udc00": 1 }])
    expect(() => canonicalBytes(value), String(value)).toThrow();
});
