import { sha256 } from "@infernet/schemas/digest";
import { expect, it } from "vitest";
import { MemoryEdge } from "./memory-edge.ts";
import { paceUploads } from "./pace-uploads.ts";
import { TokenBucket } from "./token-bucket.ts";

const NEVER = new AbortController().signal;

it("uploads keep to the rate on average: the first goes at once, the next waits for what was overdrawn", async () => {
  const edge = new MemoryEdge();
  const client = paceUploads(edge, new TokenBucket(100_000));
  const blob = new Uint8Array(120_000);
  const digest = await sha256(blob);
  const started_ms = performance.now();
  await client.putBlob(digest, blob, NEVER);
  const first_ms = performance.now() - started_ms;
  await client.putBlob(digest, blob, NEVER);
  await client.putBlob(digest, new Uint8Array(1), NEVER);
  const all_ms = performance.now() - started_ms;
  expect(first_ms).toBeLessThan(150);
  // 240,000 bytes less the 100,000 of credit.
  expect(all_ms).toBeGreaterThanOrEqual(1_390);
  expect(edge.blobs.size).toBe(1);
});

it("an upload that nobody wants any more does not wait, and holds up no other", async () => {
  const edge = new MemoryEdge();
  const client = paceUploads(edge, new TokenBucket(10_000));
  const blob = new Uint8Array(11_000);
  const digest = await sha256(blob);
  await client.putBlob(digest, blob, NEVER);
  const unwanted = new AbortController();
  const waiting = client.putBlob(digest, new Uint8Array(1_000_000), unwanted.signal);
  unwanted.abort(new Error("lost"));
  await expect(waiting).rejects.toThrow("lost");
  await client.putBlob(digest, blob, NEVER);
});
