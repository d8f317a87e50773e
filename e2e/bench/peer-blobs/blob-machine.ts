import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "@infernet/schemas/digest";
import { chunkListDigest, encodeChunkList, listChunks } from "@infernet/schemas/peer/chunk-list";
import { createIdentity } from "infernet-runner/identity/identity";
import { openBlobExchange } from "infernet-runner/p2p/blobs/blob-exchange";
import type { PeerHint } from "infernet-runner/p2p/blobs/peer-hint";
import { seededBytes } from "infernet-runner/p2p/blobs/testing/seeded-bytes";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import type { MachineAnswer, MachineOrder } from "./machine-order.ts";

/** A machine of the benchmark, in a process of its own: it holds blobs, or fetches one. */
const identity = createIdentity();
const node = await createPeerNode({ identity, listen: ["/ip4/127.0.0.1/tcp/0"], bootstrap: [] });
let hints: PeerHint[] = [];
const distrusted: string[] = [];
const [home = ""] = process.argv.slice(2);
await mkdir(join(home, "cache"), { recursive: true });
await mkdir(join(home, "shared"), { recursive: true });
const exchange = await openBlobExchange({
  ...{ node, home, isSharing: true, isPassing: () => false },
  findPeers: async function* () {
    yield* hints;
  },
  onDistrust: (peer) => distrusted.push(peer),
});

async function obey(order: MachineOrder): Promise<MachineAnswer> {
  const content = seededBytes(order.seed, order.bytes);
  const list = await listChunks(content);
  const digest = await sha256(content);
  const place = join(home, "cache", digest);
  if (order.order === "hold") {
    // A liar has the right list and the wrong bytes.
    await writeFile(join(home, "shared", digest), encodeChunkList(list));
    await writeFile(place, order.lies ? seededBytes(order.seed + 1, order.bytes) : content);
    await exchange.share(digest);
    return { runner: node.id, addresses: node.addresses };
  }
  hints = order.hints;
  distrusted.length = 0;
  await rm(place, { force: true });
  const wanted = { sha256: digest, bytes: order.bytes, chunks: await chunkListDigest(list) };
  const edge = async (asked: string): Promise<AsyncIterable<Uint8Array>> => {
    // The list is published with the model; all else is what peers are for.
    if (asked !== wanted.chunks) throw new Error("the peers have not brought it");
    return (async function* () {
      yield encodeChunkList(list);
    })();
  };
  const started_ms = performance.now();
  const cpu = process.cpuUsage();
  const fetched = await exchange.fetch(wanted, place, edge, new AbortController().signal);
  const took_ms = performance.now() - started_ms;
  const { user, system } = process.cpuUsage(cpu);
  if (fetched === null) throw new Error("two transfers of one blob");
  return { took_ms, cpu_ms: (user + system) / 1_000, distrusted: [...distrusted], ...fetched };
}

process.on("message", (order: MachineOrder) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
