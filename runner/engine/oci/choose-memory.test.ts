import { LIMITS } from "@infernet/schemas/limits";
import { expect, it } from "vitest";
import { chooseMemory } from "./choose-memory.ts";

const MIB = 1024 ** 2;

it("gives what the manifest says, the default where it says nothing, and never more than the owner", () => {
  expect(chooseMemory(100 * MIB, null, false)).toBe(100 * MIB);
  expect(chooseMemory(1, null, false)).toBe(LIMITS.oci_memory_bytes_min);
  expect(chooseMemory(0, null, false)).toBe(LIMITS.oci_memory_bytes_default);
  expect(chooseMemory(0, 300 * MIB, false)).toBe(300 * MIB);
});

it("gives what reaches a server inside its own share", () => {
  expect(chooseMemory(100 * MIB, null, true)).toBe(100 * MIB + LIMITS.oci_relay_memory_bytes);
});

it("refuses what needs more than the owner gives", () => {
  expect(() => chooseMemory(301 * MIB, 300 * MIB, false)).toThrow(
    /needs 315621376 bytes of memory.*314572800/,
  );
});
