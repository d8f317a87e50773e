import { Sha256 } from "@infernet/schemas/digest";
import { formatJobId, formatLeaseId, formatPartition, formatRunnerId } from "@infernet/schemas/ids";
import type { Activity } from "../activity.ts";

const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";
const partition = formatPartition(1);

/** A machine with 8 GiB that waits for work, or has some shards in hand. */
export function sampleActivity({ shards = 0 } = {}): Activity {
  return {
    id: formatRunnerId(new Uint8Array(32)),
    version: "0.1.0",
    edge: "https://edge.example",
    home: "/home/ada/.infernet",
    pid: 1,
    started_at: "2026-01-01T00:00:00.000Z",
    state: shards > 0 ? "working" : "waiting",
    paused: null,
    edge_trouble: null,
    clock_skew_ms: null,
    warnings: [],
    blobs: { from_peers_bytes: 0, from_edge_bytes: 0, sent_bytes: 0 },
    capability: {
      engines: [
        { engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
      ],
      memory_bytes: 8 * 1024 ** 3,
      cpu_cores: 4,
      gpus: [],
    },
    missing: [],
    now: Array.from({ length: shards }, (_, shard) => ({
      lease_id: formatLeaseId(partition, UUID, shard),
      job_id: formatJobId(partition, UUID),
      shard,
      model: Sha256.parse("a".repeat(64)),
      rows: 10,
      since: "2026-01-01T00:00:01.000Z",
    })),
    models: [],
    shards_done: 3,
    rows_done: 30,
    compute_ms: 12,
    rows_per_second: 3,
    tokens_made: 0,
    tokens_per_second: 0,
    failed: {},
    shards_lost: 0,
    shards_handed_back: 0,
    worked_at: null,
    aggregators: [],
  };
}
