import { join } from "node:path";
import { chunkListDigest, encodeChunkList, listChunks } from "@infernet/schemas/peer/chunk-list";
import { seededBytes } from "infernet-runner/p2p/blobs/testing/seeded-bytes";
import { createOnnxModel, TINY_SHAPE } from "../../fixtures/onnx-model.ts";
import { tinyJob } from "../../live/tiny-job.ts";
import { createAccount } from "../../network/account.ts";
import type { ApiClient } from "../../network/api-client.ts";
import { type RunnerProcess, startRunner } from "../../network/runner-process.ts";
import { startLine } from "../../network/start-line.ts";
import { stopAll } from "../../network/stop-all.ts";
import type { BenchContext } from "../bench-part.ts";
import { startBenchEdge } from "../start-bench-edge.ts";
import { startMachine } from "./start-machine.ts";

const RUNNERS = 10;
const WEIGHTS_BYTES = 32 * 1024 ** 2;
const NAME = "tiny";

export interface ColdModel {
  runners: number;
  /** Runners that fetched it, and what of it came from where, as they tell it. */
  fetched: number;
  model_bytes: number;
  from_peers_bytes: number;
  from_edge_bytes: number;
  /** All that the edge sent to all runners, by the lines that they reach it by. */
  line_bytes: number;
  took_ms: number;
}

/** Ten runners get the first job on a model at once: how much of it they draw from the edge. All know one peer, which has nothing. */
export async function measureCold({ cleanup, say }: BenchContext): Promise<ColdModel> {
  const { edge, folder } = await startBenchEdge({ cleanup });
  const client = await createAccount(edge, "bench");
  const model_bytes = await uploadModel(client);
  let line_bytes = 0;
  const line = await startLine({ port: edge.port, host: "127.0.0.1" }, (from, to) => {
    from.on("data", (bytes) => {
      if (from.remotePort === edge.port) line_bytes += bytes.length;
    });
    from.pipe(to);
  });
  cleanup.add(line.close);
  const hub = await startMachine(join(folder, "hub"), cleanup);
  const place = await hub.ask({ order: "hold", lies: false, seed: 1, bytes: 1 });
  const bootstrap = "runner" in place ? (place.addresses ?? []) : [];

  const runners: RunnerProcess[] = [];
  cleanup.add(() => stopAll(runners.map(({ program }) => program)));
  for (let n = 0; n < RUNNERS; n += 1) {
    const runner = await startRunner({
      ...{ edgeUrl: line.url, name: `r${n}`, folder: join(folder, "runners") },
      environment: {
        INFERNET_PEERS_LISTEN: "/ip4/127.0.0.1/tcp/0",
        INFERNET_PEERS_BOOTSTRAP: bootstrap.slice(0, 1).join(","),
      },
    });
    runners.push(runner);
    await runner.program.waitFor("peers.joined");
  }
  say(`${RUNNERS} runners wait for work`);

  line_bytes = 0;
  const started_ms = performance.now();
  await client.createJob(tinyJob(RUNNERS * 2, { shard_rows: 2 }));
  const isWeights = ({ from_peers_bytes: peers, from_edge_bytes: edges }: Record<string, unknown>): boolean =>
    Number(peers) + Number(edges) === WEIGHTS_BYTES;
  const told = await Promise.all(
    runners.map(({ program }) =>
      Promise.race([
        program.waitFor("blob.fetched", isWeights),
        program.waitFor("shard.done").then(() => null),
      ]),
    ),
  );
  const fetched = told.flatMap((one) => (one === null ? [] : [one]));
  const sum = (of: "from_peers_bytes" | "from_edge_bytes"): number =>
    fetched.reduce((bytes, one) => bytes + Number(one[of]), 0);
  return {
    ...{ runners: RUNNERS, fetched: fetched.length, model_bytes, line_bytes },
    from_peers_bytes: sum("from_peers_bytes"),
    from_edge_bytes: sum("from_edge_bytes"),
    took_ms: performance.now() - started_ms,
  };
}

/** The tiny network, with weights beside it that are large and of no use. Returns the size of all files. */
async function uploadModel(client: ApiClient): Promise<number> {
  const { bytes: network, inputs, outputs, row_cost_us } = createOnnxModel(NAME, TINY_SHAPE);
  const weights = seededBytes(1, WEIGHTS_BYTES);
  const describe = async (path: string, bytes: Uint8Array<ArrayBuffer>) => {
    const list = await listChunks(bytes);
    await client.putBlob(encodeChunkList(list));
    return {
      path,
      sha256: await client.putBlob(bytes),
      bytes: bytes.length,
      chunks: await chunkListDigest(list),
    };
  };
  const files = [await describe("model.onnx", network), await describe("weights.bin", weights)];
  const manifest = { engine: "onnx" as const, entry: "model.onnx", files, inputs, outputs, row_cost_us };
  await client.registerModel({ name: NAME, manifest });
  return network.length + weights.length;
}
