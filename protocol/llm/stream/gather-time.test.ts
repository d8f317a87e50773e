import { LIMITS } from "@infernet/schemas/limits";
import { expect, it } from "vitest";
import { gatherTime } from "./gather-time.ts";

it("lets one stream go at once, waits longer with each other one, and never beyond the limit", () => {
  expect(gatherTime(1)).toBe(0);
  expect(gatherTime(3)).toBe(2 * LIMITS.stream_gather_ms_each);
  expect(gatherTime(1_000)).toBe(LIMITS.stream_gather_ms_max);
});
