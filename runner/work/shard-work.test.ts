import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { formatJobId, formatLeaseId, formatPartition } from "@infernet/schemas/ids";
import { ModelManifest } from "@infernet/schemas/model";
import type { Lease } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { expect, test } from "vitest";
import type { Session } from "../engine/engine.ts";
import { createSessionPool } from "./session-pool.ts";
import { computeShard, type ShardWorkOptions } from "./shard-work.ts";

const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";
const partition = formatPartition(1);
const model = Sha256.parse("0".repeat(64));
const spec = { datatype: "UINT8", shape: [null, 1] } as const;
const manifest = ModelManifest.parse({
  engine: "onnx",
  entry: "m",
  files: [{ path: "m", sha256: model, bytes: 1 }],
  inputs: [{ name: "x", ...spec }],
  outputs: [{ name: "y", ...spec }],
});
const tensor = (name: string, rows: number): Tensor => ({
  name,
  datatype: "UINT8",
  shape: [rows, 1],
  data: new Uint8Array(rows),
});
const leaseOf = (shard: number, rows = 1): Lease => ({
  id: formatLeaseId(partition, UUID, shard),
  job_id: formatJobId(partition, UUID),
  shard,
  model,
  rows: [{ start: 0, count: rows }],
  inputs: [tensor("x", rows)],
  expires_ms: 1_000,
  lease_ms: 1_000,
  deadline_ms: 60_000,
});
const commitment = { root: model, leaf_rows: 1, signature: "A".repeat(86) };
const NEVER = new AbortController().signal;

/** Everything that happens, in order, with an engine that takes one shard at a time. */
function openWork() {
  const happened: string[] = [];
  const blobs: Uint8Array[] = [];
  const session: Session = {
    execution_class: ExecutionClass.parse("onnx/test/cpu/none"),
    run: async (_, rows) => {
      happened.push(`runs ${rows}`);
      return { outputs: [tensor("y", rows)], compute_ms: 1 };
    },
    close: async () => undefined,
  };
  const pool = createSessionPool({
    idle_ms_max: 60_000,
    models_max: 1,
    shards_max: 1,
    load: async () => ({ manifest, session, close: session.close }),
  });
  const options: ShardWorkOptions = {
    client: { putBlob: async (_, bytes) => void blobs.push(bytes) },
    cache: { bytes: 0, withBlob: () => Promise.reject(new Error("no blob is needed")) },
    pool,
    edgeNow: () => 0,
    unseal: async (_, inputs) => ({ inputs, seal: async (outputs) => outputs }),
    stream: null,
    signBlocks: () => () => {
      throw new Error("no block is made");
    },
    onRunning: () => undefined,
    onRow: () => undefined,
    onNote: () => undefined,
    commit: (lease) => {
      happened.push(`commits ${lease.shard}`);
      return commitment;
    },
  };
  return { happened, blobs, options };
}

test("the engine has the next shard before the commitment to the one before is made", async () => {
  const { happened, options } = openWork();
  await Promise.all([1, 2, 3].map((rows) => computeShard(options, leaseOf(rows, rows), NEVER)));
  expect(happened).toEqual(["runs 1", "runs 2", "commits 1", "runs 3", "commits 2", "commits 3"]);
});

test("a large output travels as a blob in canonical form, with the commitment beside its digest", async () => {
  const { blobs, options } = openWork();
  const rows = 1024 * 1024 + 1;
  const { done } = await computeShard(options, leaseOf(0, rows), NEVER);
  expect(done).toMatchObject({ outputs: expect.stringMatching(/^[0-9a-f]{64}$/), ...commitment });
  expect(blobs.flatMap(decodeTensors)).toEqual([tensor("y", rows)]);
});
