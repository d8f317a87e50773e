import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { JobId, RunnerId } from "@infernet/schemas/ids";
import type { Lease, RunnerRegistration, ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { createIdentity } from "infernet-runner/identity/identity";
import type { EdgeClient } from "infernet-runner/transport/edge-client";
import { createHttpEdgeClient } from "infernet-runner/transport/http-edge-client";
import { type Committer, commitShard } from "infernet-runner/work/commit-shard";
import { until } from "./until.ts";

/** A runner worked by hand: it signs and speaks as a real one does, and computes nothing. */
export interface HandRunner {
  id: RunnerId;
  edge: EdgeClient;
  signal: AbortSignal;
  /** In whose name it commits, for those who commit to something else. */
  committer: Committer;
  /** Polls until it holds a lease on a shard of the job. */
  lease: (job: JobId) => Promise<Lease>;
  /** A finished lease with whatever outputs, committed to and signed. */
  done: (lease: Lease, outputs: Tensor[]) => ShardDone;
}

const EXECUTION_CLASS = ExecutionClass.parse("onnx/1.30.0/cpu/fp32");
const POLL_WAIT_MS = 2_000;

/** @param about what it says of itself beside its capability */
export async function createHandRunner(
  edgeUrl: string,
  about: Partial<Pick<RunnerRegistration, "owner" | "payout" | "referee">> = {},
): Promise<HandRunner> {
  const identity = createIdentity();
  const edge = createHttpEdgeClient({ edge: edgeUrl, identity });
  const { signal } = new AbortController();
  const { network } = await edge.register(
    {
      version: "0.1.0",
      name: "by hand",
      referee: false,
      ...about,
      capability: {
        engines: [
          {
            engine: "onnx",
            version: "1.30.0",
            execution_provider: "cpu",
            formats: ["onnx"],
            sandbox: "none",
          },
        ],
        memory_bytes: 2 ** 33,
        cpu_cores: 1,
        gpus: [],
      },
    },
    signal,
  );
  const committer = { network, identity };
  const lease = (job: JobId) =>
    until(`a lease of ${job}`, async () => {
      const { leases } = await edge.poll({ leases_max: 1, wait_ms: POLL_WAIT_MS }, signal);
      return leases.find((held) => held.job_id === job) ?? null;
    });
  const done = (held: Lease, outputs: Tensor[]) => shardDone(committer, held, outputs);
  return { id: identity.id, edge, signal, committer, lease, done };
}

function shardDone(committer: Committer, lease: Lease, outputs: Tensor[]): ShardDone {
  return {
    lease_id: lease.id,
    job_id: lease.job_id,
    shard: lease.shard,
    outcome: "done",
    execution_class: EXECUTION_CLASS,
    compute_ms: 1,
    outputs,
    ...commitShard(committer, lease, EXECUTION_CLASS, outputs),
  };
}
