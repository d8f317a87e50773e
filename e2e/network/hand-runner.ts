import { generateKeyPairSync } from "node:crypto";
import type { JobId, RunnerId } from "@infernet/schemas/ids";
import type { Lease, ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { identityOf } from "infernet-runner/identity/identity";
import type { EdgeClient } from "infernet-runner/transport/edge-client";
import { createHttpEdgeClient } from "infernet-runner/transport/http-edge-client";
import { until } from "./until.ts";

/** A runner worked by hand: it signs and speaks as a real one does, and computes nothing. */
export interface HandRunner {
  id: RunnerId;
  edge: EdgeClient;
  signal: AbortSignal;
  /** Polls until it holds a lease on a shard of the job. */
  lease: (job: JobId) => Promise<Lease>;
}

const EXECUTION_CLASS = "onnx/1.30.0/cpu/fp32";
const POLL_WAIT_MS = 2_000;

export async function createHandRunner(edgeUrl: string): Promise<HandRunner> {
  const identity = identityOf(generateKeyPairSync("ed25519").privateKey);
  const edge = createHttpEdgeClient({ edge: edgeUrl, identity });
  const { signal } = new AbortController();
  await edge.register(
    {
      version: "0.1.0",
      name: "by hand",
      capability: {
        engines: [{ engine: "onnx", version: "1.30.0", execution_provider: "cpu", formats: ["onnx"] }],
        memory_bytes: 2 ** 33,
        cpu_cores: 1,
        gpus: [],
      },
    },
    signal,
  );
  const lease = (job: JobId) =>
    until(`a lease of ${job}`, async () => {
      const { leases } = await edge.poll({ leases_max: 1, wait_ms: POLL_WAIT_MS }, signal);
      return leases.find((held) => held.job_id === job) ?? null;
    });
  return { id: identity.id, edge, signal, lease };
}

/** A finished shard as the lease asks for it, with whatever outputs. */
export function shardDone(lease: Lease, outputs: Tensor[]): ShardDone {
  return {
    lease_id: lease.id,
    job_id: lease.job_id,
    shard: lease.shard,
    outcome: "done",
    execution_class: EXECUTION_CLASS,
    compute_ms: 1,
    outputs,
  };
}
