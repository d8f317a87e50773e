import { chooseChunkList } from "@infernet/protocol/peers/choose-chunk-list";
import { type Sha256, sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { type ChunkList, chunkCount, decodeChunkList } from "@infernet/schemas/peer/chunk-list";
import type { WantedBlob } from "../../cache/peer-blobs.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { BlobSource } from "./blob-source.ts";
import type { BlobSources } from "./blob-sources.ts";
import type { TransferDeps, TransferTimes } from "./transfer-deps.ts";

export interface NamedList {
  name: Sha256;
  list: ChunkList;
}

export interface FindListOptions {
  wanted: WantedBlob;
  sources: BlobSources;
  deps: Pick<TransferDeps, "drawEdge">;
  times: TransferTimes;
  signal: AbortSignal;
}

const LIST_BYTES_MAX = 8 + 32 * chunkCount(LIMITS.blob_bytes_max);

/** The list that the manifest names, from whoever has it: peers, else the edge. Null when nobody has. */
export async function findNamedList(
  name: Sha256,
  options: FindListOptions,
  mayDraw: boolean,
): Promise<NamedList | null> {
  for (const source of options.sources.all()) {
    const list = source.list === name ? await askList(source, name, options) : null;
    if (list !== null) return { name, list };
  }
  // It is a blob like others, small, and published with the model.
  const list = mayDraw ? await drawList(name, options).catch(() => null) : null;
  return list === null ? null : { name, list };
}

/** The list that most of the peers name that have one. Null when none has. */
export async function findClaimedList(options: FindListOptions): Promise<NamedList | null> {
  for (;;) {
    const claims = options.sources
      .all()
      .flatMap((peer) =>
        peer.list === null ? [] : [{ peer, list: peer.list, latency_ms: peer.latency_ms }],
      );
    const name = chooseChunkList(claims);
    const claim = claims.find(({ list }) => list === name);
    if (name === null || claim === undefined) return null;
    const list = await askList(claim.peer, name, options);
    if (list !== null) return { name, list };
  }
}

/** Null when the peer does not give the list that it names: then it is left. */
async function askList(
  source: BlobSource,
  name: Sha256,
  { wanted, sources, times }: FindListOptions,
): Promise<ChunkList | null> {
  try {
    const { answer } = await source.link.ask({ ask: "list", sha256: wanted.sha256 }, times.answer_ms_max);
    const list = answer.answer === "list" ? await readList(answer.list, name, wanted) : null;
    if (list === null) throw new PeerFault("wrong", `the peer has no list ${name}, which it named`);
    return list;
  } catch (error) {
    sources.leave(source.runner, error);
    return null;
  }
}

async function drawList(name: Sha256, { wanted, deps, signal }: FindListOptions): Promise<ChunkList | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of await deps.drawEdge(name, signal)) {
    bytes += piece.length;
    if (bytes > LIST_BYTES_MAX) return null;
    pieces.push(piece);
  }
  return readList(Buffer.concat(pieces), name, wanted);
}

async function readList(encoded: Uint8Array, name: Sha256, wanted: WantedBlob): Promise<ChunkList | null> {
  const list = decodeChunkList(encoded);
  return list?.bytes === wanted.bytes && (await sha256(new Uint8Array(encoded))) === name ? list : null;
}
