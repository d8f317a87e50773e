import { reset } from "cloudflare:test";
import { LIMITS } from "@infernet/schemas/limits";
import { afterEach, expect, test } from "vitest";
import { callEdge } from "../testing/call-edge.ts";
import { createTestRunner } from "../testing/test-runner.ts";

afterEach(reset);

test("a runner can time bytes that differ each time, here and back, and nobody else can", async () => {
  const runner = await createTestRunner();
  const fetched = async () => new Uint8Array(await (await runner.call("/runner/bandwidth")).arrayBuffer());
  const [first, second] = [await fetched(), await fetched()];
  expect(first.byteLength).toBe(LIMITS.bandwidth_probe_bytes);
  expect(first).not.toEqual(second);
  // Bytes that repeat would be compressed on their way, and the last kilobyte is as random as the first.
  expect(new Set(first.subarray(-1_024)).size).toBeGreaterThan(200);
  const sent = await runner.call("/runner/bandwidth", { method: "POST", body: first });
  expect(sent.status).toBe(204);
  expect((await callEdge("/runner/bandwidth")).status).toBe(401);
});
