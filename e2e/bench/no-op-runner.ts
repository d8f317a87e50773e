import { setMaxListeners } from "node:events";
import { LIMITS } from "@infernet/schemas/limits";
import { type Lease, rowsIn } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { TINY_SHAPE } from "../fixtures/onnx-model.ts";
import { createHandRunner } from "../network/hand-runner.ts";

export interface NoOpRunnerOptions {
  edgeUrl: string;
  leases_max: number;
  /** Whether each lease is answered in a submission of its own, as when shards take long; asked at each poll. */
  isOneByOne?: () => boolean;
  signal: AbortSignal;
  /** Leases as they arrive, before they are answered. */
  onLeases?: (leases: readonly Lease[], at_ms: number) => void;
}

/** Hexadecimal digits of a job's id that a 32-bit float holds exactly. */
const JOB_DIGITS = 6;

/**
 * A runner of the tiny model that computes nothing: it registers, polls, and answers every lease at once with a number
 * made from the job's id, over HTTP, committed to and signed as by a real one. Resolves when it is registered; works until
 * the signal.
 */
export async function startNoOpRunner(options: NoOpRunnerOptions): Promise<void> {
  const { edgeUrl, leases_max, signal, onLeases } = options;
  const { edge, done } = await createHandRunner(edgeUrl);
  setMaxListeners(Number.POSITIVE_INFINITY, signal);
  const work = async () => {
    // Runners of a fleet started at different times: their polls do not end together.
    let wait_ms = Math.floor(Math.random() * LIMITS.poll_wait_ms_max);
    for (;;) {
      const { leases } = await edge.poll({ leases_max, wait_ms }, signal);
      wait_ms = LIMITS.poll_wait_ms_max;
      onLeases?.(leases, performance.now());
      if (leases.length === 0) continue;
      const results = leases.map((lease) => done(lease, [answer(lease)]));
      if (!options.isOneByOne?.()) await edge.submit({ results }, signal);
      else for (const result of results) await edge.submit({ results: [result] }, signal);
    }
  };
  work().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** The same from every runner, for checks to agree; another for every job, or all results would be one and the same blob. */
function answer({ job_id, rows: ranges }: Lease): Tensor {
  const rows = rowsIn(ranges);
  const values = new Float32Array(rows * TINY_SHAPE.outputs);
  values.fill(Number.parseInt(job_id.slice(-JOB_DIGITS), 16));
  return {
    name: "y",
    datatype: "FP32",
    shape: [rows, TINY_SHAPE.outputs],
    data: new Uint8Array(values.buffer),
  };
}
