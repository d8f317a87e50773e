import { setTimeout as sleep } from "node:timers/promises";
import type { Bytes } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { chunkSpan } from "@infernet/schemas/peer/chunk-list";
import type { WantedBlob } from "../../cache/peer-blobs.ts";
import { edgeChunks } from "./edge-chunks.ts";
import type { PartFile } from "./part-file.ts";
import type { TransferDeps } from "./transfer-deps.ts";

export interface DrawOptions {
  wanted: WantedBlob;
  part: Pick<PartFile, "missing" | "has" | "isWhole" | "count">;
  deps: Pick<TransferDeps, "drawEdge" | "isPassing">;
  take(index: number, chunk: Bytes): Promise<void>;
  signal: AbortSignal;
}

/**
 * Draws from the edge what is missing, in order, and passes over what comes from peers meanwhile. Resolves when nothing is missing or the signal
 * says so. Rejects with the edge's error when it is worth no other attempt.
 */
export async function drawBlob(options: DrawOptions): Promise<void> {
  const { part, deps, signal } = options;
  let failures = 0;
  while (!signal.aborted && !part.isWhole) {
    let taken = 0;
    const take = async (index: number, chunk: Bytes): Promise<void> => {
      taken += 1;
      await options.take(index, chunk);
    };
    try {
      await drawRun({ ...options, take });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures = taken > 0 ? 1 : failures + 1;
      if (!deps.isPassing(error) || failures >= LIMITS.runner_attempts_max) throw error;
      await sleep(LIMITS.runner_retry_ms_min * failures, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** From the first chunk that is missing up to one that has come from a peer. */
async function drawRun({ wanted, part, deps, take, signal }: DrawOptions): Promise<void> {
  const [first] = part.missing();
  if (first === undefined) return;
  const { sha256, bytes } = wanted;
  const stream = await deps.drawEdge(sha256, signal, chunkSpan(bytes, first).start);
  let next = first;
  for await (const { index, chunk } of edgeChunks(stream, bytes, first)) {
    signal.throwIfAborted();
    await take(index, chunk);
    next = index + 1;
    if (part.has(next)) return;
  }
  if (next < part.count && !part.has(next))
    throw new Error(`the edge ended blob ${sha256} after ${next} of ${part.count} chunks`);
}
