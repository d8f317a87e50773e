import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NetworkId } from "@infernet/schemas/commitment";
import { sha256 } from "@infernet/schemas/digest";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { formatJobId, formatLeaseId, formatPartition } from "@infernet/schemas/ids";
import { ModelManifest, manifestDigest } from "@infernet/schemas/model";
import type { Lease } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import type { EngineRun } from "infernet-runner/engine/engine";
import { createOnnxEngine } from "infernet-runner/engine/onnx/onnx-engine";
import { createIdentity } from "infernet-runner/identity/identity";
import { plainSandbox } from "infernet-runner/sandbox/plain-sandbox";
import { type Committer, commitShard } from "infernet-runner/work/commit-shard";
import { GLYPH_BYTES, glyphImages, glyphsModel, imageShape } from "../../fixtures/glyphs-model.ts";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";

export const SHARD_ROWS = 256;
const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";

/** A shard as it was leased, and what it came to. */
export interface ComputedShard {
  lease: Pick<Lease, "id" | "job_id" | "shard" | "model" | "rows">;
  execution_class: ExecutionClass;
  run: EngineRun;
}

/** The engine that a runner has, on one thread, with `glyphs` loaded. */
export interface Glyphs {
  committer: Committer;
  /** Shards are numbered from 0; each has other images until they begin again. */
  compute: (shard: number) => Promise<ComputedShard>;
  commit: (computed: ComputedShard) => ReturnType<typeof commitShard>;
}

export async function openGlyphs({ cleanup }: Pick<BenchContext, "cleanup">): Promise<Glyphs> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const manifest = await layOut(folder.path);
  const session = await (await createOnnxEngine({ sandbox: plainSandbox, threads: 1 })).load(
    manifest,
    folder.path,
  );
  cleanup.add(() => session.close());
  const { execution_class } = session;
  const model = await manifestDigest(manifest);
  const partition = formatPartition(1);
  const signal = new AbortController().signal;
  const images = readImages();
  const committer: Committer = {
    network: NetworkId.parse(`net_${"A".repeat(43)}`),
    identity: createIdentity(),
  };
  return {
    committer,
    compute: async (shard) => {
      const input = images[shard % images.length];
      if (input === undefined) throw new Error("there are no images");
      const run = await session.run([input], SHARD_ROWS, { timeout_ms: 60_000, signal });
      const rows = [{ start: shard * SHARD_ROWS, count: SHARD_ROWS }];
      const id = formatLeaseId(partition, UUID, shard % 10_000);
      const lease = { id, job_id: formatJobId(partition, UUID), shard, model, rows };
      return { lease, execution_class, run };
    },
    commit: ({ lease, run }) => commitShard(committer, lease, execution_class, run.outputs),
  };
}

async function layOut(dir: string): Promise<ModelManifest> {
  const { bytes, inputs, outputs, row_cost_us } = glyphsModel();
  const file = { path: "model.onnx", sha256: await sha256(bytes), bytes: bytes.length };
  writeFileSync(join(dir, file.path), bytes);
  return ModelManifest.parse({
    engine: "onnx",
    entry: file.path,
    files: [file],
    inputs,
    outputs,
    row_cost_us,
  });
}

/** The test images, as many as make whole shards. */
function readImages(): Tensor[] {
  const all = glyphImages();
  const size = SHARD_ROWS * GLYPH_BYTES;
  return Array.from({ length: Math.floor(all.length / size) }, (_, n) => {
    const data = all.slice(n * size, (n + 1) * size);
    return { name: "images", datatype: "UINT8", shape: imageShape(data), data };
  });
}
