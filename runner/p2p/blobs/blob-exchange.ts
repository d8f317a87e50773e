import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerBlobs } from "../../cache/peer-blobs.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { runnerIdOf } from "../peer-id.ts";
import { PROTOCOLS } from "../protocols.ts";
import type { PeerFault } from "../stream/peer-fault.ts";
import { BlobLinks } from "./blob-links.ts";
import { BlobTransfer } from "./blob-transfer.ts";
import { ChunkBuffers } from "./chunk-buffers.ts";
import { Distrust } from "./distrust.ts";
import { PartFile } from "./part-file.ts";
import type { PeerHint } from "./peer-hint.ts";
import { serveBlobs } from "./serve-blobs.ts";
import { SharedBlobs } from "./shared-blobs.ts";
import type { TransferDeps, TransferTimes } from "./transfer-deps.ts";

export interface BlobExchangeOptions extends Pick<TransferDeps, "isPassing"> {
  node: PeerNode;
  /** The runner's: its cache, the models that it knows, and what of both others may have. */
  home: string;
  /** Whether others get anything from here. */
  isSharing: boolean;
  /** Peers that announce the model, beside those that are connected. */
  findPeers?: TransferDeps["findPeers"];
  /** The owner's limit of uploads. */
  pace?(bytes: number, signal: AbortSignal): Promise<void>;
  onSent?(peer: RunnerId, bytes: number): void;
  onDistrust?(peer: RunnerId, fault: PeerFault): void;
  times?: Partial<TransferTimes>;
  random?(): number;
}

/** Blobs between this machine and its peers. */
export interface BlobExchange extends PeerBlobs {
  /** As `PeerBlobs` has it; resolves when peers can have it. */
  share(sha256: Sha256): Promise<void>;
  close(): Promise<void>;
}

export async function openBlobExchange(options: BlobExchangeOptions): Promise<BlobExchange> {
  const { node, home, isSharing, times = {} } = options;
  const parts = join(home, "parts");
  await forgetOldParts(parts);
  const buffers = new ChunkBuffers();
  const shared = await SharedBlobs.open(home);
  const links = new BlobLinks(node, buffers, times.chunk_ms_max);
  const distrust = new Distrust();
  const transfers = new Map<Sha256, BlobTransfer>();
  const underway = new Set<Sha256>();
  const deps: Omit<TransferDeps, "drawEdge"> = {
    self: node.id,
    buffers,
    isSharing,
    connect: (peer, signal) => links.open(peer, signal),
    findPeers: async function* (wanted, signal) {
      yield* await connectedPeers(node);
      if (options.findPeers) yield* options.findPeers(wanted, signal);
    },
    isPassing: options.isPassing,
    isDistrusted: (peer) => distrust.has(peer, Date.now()),
    distrust: (peer, fault) => {
      distrust.add(peer, Date.now());
      options.onDistrust?.(peer, fault);
    },
    times,
    ...(options.random === undefined ? {} : { random: options.random }),
  };
  if (isSharing) {
    await serveBlobs(node, {
      find: async (sha256) => transfers.get(sha256) ?? shared.find(sha256),
      ...(options.pace === undefined ? {} : { pace: options.pace }),
      ...(options.onSent === undefined ? {} : { onSent: options.onSent }),
      ...(times.chunk_ms_max === undefined ? {} : { chunk_ms_max: times.chunk_ms_max }),
    });
  }

  return {
    fetch: async (wanted, place, drawEdge, signal) => {
      if (underway.has(wanted.sha256)) return null;
      underway.add(wanted.sha256);
      const part = await PartFile.open(parts, wanted, buffers).catch((error: unknown) => {
        underway.delete(wanted.sha256);
        throw error;
      });
      const transfer = new BlobTransfer(wanted, part, { ...deps, drawEdge });
      transfers.set(wanted.sha256, transfer);
      try {
        const fetched = await transfer.run(signal);
        const list = part.list();
        await part.moveTo(place);
        if (isSharing) await shared.share(wanted.sha256, list);
        return fetched;
      } finally {
        transfers.delete(wanted.sha256);
        underway.delete(wanted.sha256);
        await part.close();
      }
    },
    share: async (sha256) => {
      if (isSharing) await shared.share(sha256).catch(() => undefined);
    },
    close: () => links.close(),
  };
}

/** Those of the connected that serve blobs, as far as it is known what they serve. */
async function connectedPeers({ libp2p }: PeerNode): Promise<PeerHint[]> {
  const peers = await Promise.all(
    libp2p.getPeers().map(async (peer) => {
      const runner = runnerIdOf(peer);
      const known = await libp2p.peerStore.get(peer).catch(() => null);
      return runner !== null && known?.protocols.includes(PROTOCOLS.blob) ? [{ runner }] : [];
    }),
  );
  return peers.flat();
}

async function forgetOldParts(parts: string): Promise<void> {
  await mkdir(parts, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parts)) {
    const path = join(parts, name);
    const file = await stat(path).catch(() => null);
    if (file === null || Date.now() - file.mtimeMs > LIMITS.blob_part_ms_max)
      await rm(path, { recursive: true, force: true });
  }
}
