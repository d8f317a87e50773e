import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  givenOf,
  type InvalidVector,
  makeVectors,
  type ValidVector,
  verifyGiven,
} from "./testing/receipt-vectors.ts";

const fileOf = (name: string): URL => new URL(`../../schemas/vectors/${name}`, import.meta.url);
const made = await makeVectors();
// To make them anew after a rule has changed: WRITE_VECTORS=1, and then biome.
if (process.env.WRITE_VECTORS)
  for (const name of ["valid", "invalid"] as const)
    writeFileSync(fileOf(`receipt.${name}.json`), JSON.stringify(made[name]));

const read = <T>(name: string): T[] => JSON.parse(readFileSync(fileOf(name), "utf8"));
const valid = read<ValidVector>("receipt.valid.json");
const invalid = read<InvalidVector>("receipt.invalid.json");

test.each(valid)("the receipt of $why holds", async ({ given, proven, not_proven }) => {
  const { verdict, findings } = await verifyGiven(given);
  expect(verdict).toBe("holds");
  expect(findings.map(({ code }) => code)).toEqual([...proven, ...not_proven]);
});

test.each(invalid)("$refuted.0: $why", async (vector) => {
  const { verdict, findings } = await verifyGiven(givenOf(valid, vector));
  expect(verdict).toBe("refuted");
  const refuted = findings.filter(({ status }) => status === "refuted").map(({ code }) => code);
  expect(new Set(refuted)).toEqual(new Set(vector.refuted));
});

test("the vectors are what the rules make of their stories today", () => {
  expect(unpack(valid)).toEqual(unpack(made.valid));
  expect(unpack(invalid)).toEqual(unpack(made.invalid));
});

/** With results as they are: one content may be compressed in more than one way. */
const unpack = (vectors: unknown): unknown =>
  JSON.parse(JSON.stringify(vectors), (key, value: unknown) =>
    key === "gzip_base64" && typeof value === "string" ? unzipHex(value) : value,
  );

const unzipHex = (text: string): string => gunzipSync(Buffer.from(text, "base64")).toString("hex");
