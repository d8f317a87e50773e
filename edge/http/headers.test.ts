import { decodeCursor, encodeCursor } from "@infernet/db/cursor";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseRange } from "../blobs/parse-range.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { parseIdempotencyKey } from "./parse-idempotency-key.ts";
import { parsePrefer } from "./parse-prefer.ts";

const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof InfernetError) return error.code;
    throw error;
  }
  throw new Error("it did not fail");
};

describe("Prefer", () => {
  test.each([
    [undefined, null],
    ["wait=10", 10],
    ["respond-async, wait=5", 5],
    ["WAIT = 7; foo=bar", 7],
    ['wait="9"', 9],
    ["wait=1, wait=2", 1],
    ["wait=999999", LIMITS.wait_seconds_max],
    ["wait=soon", null],
    ["wait=-1", null],
    ["wait", null],
    ["prewait=3", null],
  ])("%s waits %s seconds", (header, seconds) => {
    expect(parsePrefer(header).wait_seconds).toBe(seconds);
  });
});

describe("Idempotency-Key", () => {
  test("is taken bare or as a structured-field string", () => {
    expect(parseIdempotencyKey(undefined)).toBeNull();
    expect(parseIdempotencyKey("8e03978e-40d5-43dd")).toBe("8e03978e-40d5-43dd");
    expect(parseIdempotencyKey('"8e03978e-40d5-43dd"')).toBe("8e03978e-40d5-43dd");
    expect(parseIdempotencyKey('"a\\"b\\\\c"')).toBe('a"b\\c');
  });

  test.each(["", "two words", "ü", "k".repeat(LIMITS.idempotency_key_chars_max + 1)])(
    "%j is refused",
    (header) => {
      expect(failure(() => parseIdempotencyKey(header))).toBe("header_invalid");
    },
  );
});

describe("a cursor", () => {
  const Place = z.tuple([z.int(), z.string()]);

  test("comes back as it was given out", () => {
    expect(decodeCursor(Place, encodeCursor([17, "job"]))).toEqual([17, "job"]);
    expect(decodeCursor(Place, undefined)).toBeNull();
  });

  test.each(["???", "AAAA", encodeCursor(["other", "list"])])("%s of another make is refused", (cursor) => {
    expect(failure(() => decodeCursor(Place, cursor))).toBe("request_invalid");
  });
});

describe("Range", () => {
  test.each([
    [undefined, null],
    ["bytes=0-3", { start: 0, length: 4 }],
    ["bytes=8-", { start: 8, length: 2 }],
    ["bytes=-4", { start: 6, length: 4 }],
    ["bytes=-99", { start: 0, length: 10 }],
    ["bytes=5-99", { start: 5, length: 5 }],
    ["bytes=0-1,4-5", null],
    ["bytes=3-1", null],
    ["rows=0-1", null],
    ["bytes=-", null],
  ])("%s of ten bytes is %o", (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  test.each(["bytes=10-", "bytes=10-20", "bytes=-0"])("%s lies outside ten bytes", (header) => {
    expect(failure(() => parseRange(header, 10))).toBe("range_unsatisfiable");
  });
});

test("a bounded cache forgets what is old and what is too much", () => {
  const cache = new BoundedCache<string, number>({ entries_max: 2, age_ms_max: 100 });
  cache.set("a", 1, 0);
  cache.set("b", 2, 10);
  cache.set("c", 3, 20);
  expect([cache.get("a", 20), cache.get("b", 20), cache.get("c", 20)]).toEqual([undefined, 2, 3]);
  expect(cache.get("b", 111)).toBeUndefined();
  expect(cache.get("c", 111)).toBe(3);
});
