import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { buildProgram } from "./build-program.ts";
import { whyNoClang } from "./clang.ts";

const HERE = import.meta.dirname;
const committed = readFileSync(`${HERE}/escrow.so`);

test("the committed hash is that of the committed program", () => {
  const sha256 = createHash("sha256").update(committed).digest("hex");
  expect(readFileSync(`${HERE}/escrow.so.sha256`, "utf8")).toBe(`${sha256}  escrow.so\n`);
});

test("the committed program is what its source builds, byte for byte", ({ skip }) => {
  const reason = whyNoClang();
  if (reason !== null) {
    console.warn(`The program is not built again here: ${reason}.`);
    skip(reason);
  }
  expect(Buffer.from(buildProgram(`${HERE}/program/escrow.c`)).equals(committed)).toBe(true);
});
