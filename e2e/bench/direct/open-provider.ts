import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Sha256, sha256 } from "@infernet/schemas/digest";
import { ModelManifest, manifestDigest } from "@infernet/schemas/model";
import type { RunnerRegistration } from "@infernet/schemas/runner";
import { createOnnxEngine } from "infernet-runner/engine/onnx/onnx-engine";
import { describeCapability } from "infernet-runner/hardware/capability";
import { createIdentity } from "infernet-runner/identity/identity";
import { rememberModel } from "infernet-runner/models/known-models";
import { serveDiscovery } from "infernet-runner/p2p/discovery/serve-discovery";
import { serveDirectJobs } from "infernet-runner/p2p/jobs/serve-direct-jobs";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import type { PeerNode } from "infernet-runner/p2p/node/peer-node";
import { plainSandbox } from "infernet-runner/sandbox/plain-sandbox";
import { MemoryEdge } from "infernet-runner/transport/memory-edge";
import { createSessionPool, type SessionPool } from "infernet-runner/work/session-pool";
import { glyphsModel } from "../../fixtures/glyphs-model.ts";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";

/** A provider of direct jobs in this process, with `glyphs` in its home. */
export interface BenchProvider {
  node: PeerNode;
  pool: SessionPool;
  model: Sha256;
  manifest: ModelManifest;
}

export const LOOPBACK = ["/ip4/127.0.0.1/tcp/0"];

export async function openProvider({ cleanup }: BenchContext, bootstrap: string[]): Promise<BenchProvider> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const { model, manifest } = await layOut(folder.path);
  const engine = await createOnnxEngine({ sandbox: plainSandbox, threads: 1 });
  const pool = createSessionPool({
    ...{ models_max: 1, shards_max: 3, idle_ms_max: 3_600_000 },
    load: async () => {
      const session = await engine.load(manifest, join(folder.path, "cache"));
      return { manifest, session, close: () => session.close() };
    },
  });
  cleanup.add(() => pool.close());
  const identity = createIdentity();
  const node = await createPeerNode({ identity, listen: LOOPBACK, bootstrap });
  cleanup.add(() => node.stop());
  await serveDirectJobs(node, {
    ...{ identity, pool, now: Date.now, dir: join(folder.path, "direct"), vouchers: null },
    policy: { payments: ["free"], allow: null },
    micro_per_core_hour: 0n,
    availability: () => "open",
    manifestOf: async () => manifest,
    onDone: () => undefined,
  });
  const capability = await describeCapability([engine], { home: folder.path, edge: "http://127.0.0.1" });
  const registration: RunnerRegistration = { version: "bench", referee: false, capability };
  const discovery = await serveDiscovery(node, {
    ...{ identity, home: folder.path, client: new MemoryEdge(), tellEdge: async () => undefined },
    registration: () => registration,
    availability: () => "open",
  });
  cleanup.add(() => discovery.stop());
  discovery.offer("job", { payments: ["free"], micro_per_core_hour: "0" });
  return { node, pool, model, manifest };
}

/** The model's file in the cache, under its digest, where a runner says that it has it. */
async function layOut(home: string): Promise<{ model: Sha256; manifest: ModelManifest }> {
  const { bytes, inputs, outputs, row_cost_us } = glyphsModel();
  const digest = await sha256(bytes);
  const file = { path: digest, sha256: digest, bytes: bytes.length };
  mkdirSync(join(home, "cache"));
  writeFileSync(join(home, "cache", digest), bytes);
  const manifest = ModelManifest.parse({
    ...{ engine: "onnx", entry: file.path, files: [file] },
    ...{ inputs, outputs, row_cost_us },
  });
  const model = await manifestDigest(manifest);
  await rememberModel(home, { digest: model, names: [], manifest });
  return { model, manifest };
}
