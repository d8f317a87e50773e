import { setMaxListeners } from "node:events";
import { LIMITS } from "@infernet/schemas/limits";
import type { Lease } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { TINY_SHAPE } from "../fixtures/onnx-model.ts";
import { createHandRunner, shardDone } from "../network/hand-runner.ts";

export interface NoOpRunnerOptions {
  edgeUrl: string;
  leases_max: number;
  /** Answers each lease in a submission of its own, as a runner does whose shards take long. */
  one_by_one?: boolean;
  signal: AbortSignal;
  /** Leases as they arrive, before they are answered. */
  onLeases?: (leases: readonly Lease[], at_ms: number) => void;
}

/**
 * A runner of the tiny model that computes nothing: it registers, polls, and answers every lease at once with zeros, over HTTP and signed
 * as a real one. Resolves when it is registered; works until the signal.
 */
export async function startNoOpRunner(options: NoOpRunnerOptions): Promise<void> {
  const { edgeUrl, leases_max, signal, onLeases } = options;
  const { edge } = await createHandRunner(edgeUrl);
  setMaxListeners(Number.POSITIVE_INFINITY, signal);
  const work = async () => {
    for (;;) {
      const { leases } = await edge.poll({ leases_max, wait_ms: LIMITS.poll_wait_ms_max }, signal);
      onLeases?.(leases, performance.now());
      if (leases.length === 0) continue;
      const results = leases.map((lease) => shardDone(lease, [zeros(lease.rows.count)]));
      if (!options.one_by_one) await edge.submit({ results }, signal);
      else for (const result of results) await edge.submit({ results: [result] }, signal);
    }
  };
  work().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function zeros(rows: number): Tensor {
  const data = new Uint8Array(rows * TINY_SHAPE.outputs * Float32Array.BYTES_PER_ELEMENT);
  return { name: "y", datatype: "FP32", shape: [rows, TINY_SHAPE.outputs], data };
}
