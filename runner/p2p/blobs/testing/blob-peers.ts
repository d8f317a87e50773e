import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { chunkListDigest, encodeChunkList, listChunks } from "@infernet/schemas/peer/chunk-list";
import type { Download } from "../../../cache/blob-cache.ts";
import type { FetchedBlob, WantedBlob } from "../../../cache/peer-blobs.ts";
import type { PeerNode } from "../../node/peer-node.ts";
import type { PeerFault } from "../../stream/peer-fault.ts";
import { TestPeers } from "../../testing/test-peers.ts";
import { type BlobExchange, type BlobExchangeOptions, openBlobExchange } from "../blob-exchange.ts";
import type { PeerHint } from "../peer-hint.ts";
import { seededBytes } from "./seeded-bytes.ts";

/** A machine of a test: its node, what it keeps, whom it distrusts. */
export interface BlobPeer {
  node: PeerNode;
  home: string;
  exchange: BlobExchange;
  distrusted: { peer: RunnerId; fault: PeerFault }[];
  /** Bytes that went out, by the peer that took them. */
  sent: Map<RunnerId, number>;
  fetch(wanted: WantedBlob, signal?: AbortSignal): Promise<FetchedBlob>;
  read(sha256: Sha256): Promise<Bytes>;
}

const NEVER = new AbortController().signal;

/** Machines on loopback that know each other, and an edge that counts what it hands out. */
export class BlobPeers implements AsyncDisposable {
  readonly peers = new TestPeers();
  /** What the edge has. */
  readonly edge = new Map<Sha256, Bytes>();
  /** Bytes that the edge has handed out, by blob. */
  readonly drawn = new Map<Sha256, number>();
  /** Of the edge, between two pieces of 64 KiB. */
  pause: () => Promise<void> = async () => undefined;
  readonly #folders: string[] = [];
  readonly #exchanges: BlobExchange[] = [];
  readonly #hints: PeerHint[] = [];

  /** A blob with the list of its chunks. @param isListed whether the manifest names the list */
  async make(seed: number, bytes: number, isListed = true): Promise<WantedBlob & { content: Bytes }> {
    const content = seededBytes(seed, bytes);
    const list = await listChunks(content);
    const digest = await sha256(content);
    this.edge.set(digest, content);
    if (!isListed) return { sha256: digest, bytes, content };
    const chunks = await chunkListDigest(list);
    this.edge.set(chunks, encodeChunkList(list));
    return { sha256: digest, bytes, content, chunks };
  }

  /** @param holds blobs that it has and shares from the start */
  async open(
    options: Partial<BlobExchangeOptions> = {},
    holds: readonly { sha256: Sha256; content: Bytes }[] = [],
  ): Promise<BlobPeer> {
    const home = await mkdtemp(join(tmpdir(), "infernet-blobs-"));
    this.#folders.push(home);
    await mkdir(join(home, "cache"));
    for (const { sha256, content } of holds) await writeFile(join(home, "cache", sha256), content);
    const node = options.node ?? (await this.peers.open());
    const distrusted: BlobPeer["distrusted"] = [];
    const sent: BlobPeer["sent"] = new Map();
    const exchange = await openBlobExchange({
      node,
      home,
      isSharing: true,
      isPassing: () => false,
      findPeers: () => this.#found(),
      onSent: (peer, bytes) => sent.set(peer, (sent.get(peer) ?? 0) + bytes),
      onDistrust: (peer, fault) => distrusted.push({ peer, fault }),
      ...options,
    });
    for (const { sha256 } of holds) await exchange.share(sha256);
    this.#exchanges.push(exchange);
    this.introduce(node);
    return {
      ...{ node, home, exchange, distrusted, sent },
      fetch: async ({ sha256, bytes, chunks }, signal = NEVER) => {
        const place = join(home, "cache", sha256);
        const source: Download = (digest, _, start) => this.draw(digest, start);
        const fetched = await exchange.fetch({ sha256, bytes, chunks }, place, source, signal);
        if (fetched === null) throw new Error(`blob ${sha256} is on its way already`);
        return fetched;
      },
      read: async (digest) => new Uint8Array(await readFile(join(home, "cache", digest))),
    };
  }

  async *#found(): AsyncGenerator<PeerHint> {
    yield* this.#hints;
  }

  /** All others find it from now on. */
  introduce({ id, addresses }: PeerNode): void {
    this.#hints.push({ runner: id, addresses });
  }

  async draw(digest: Sha256, start = 0): Promise<AsyncIterable<Uint8Array>> {
    const content = this.edge.get(digest);
    if (content === undefined) throw new Error(`the edge has no blob ${digest}`);
    return this.#pieces(digest, content.subarray(start));
  }

  async *#pieces(digest: Sha256, content: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < content.length; at += 64 * 1024) {
      await this.pause();
      const piece = content.subarray(at, at + 64 * 1024);
      this.drawn.set(digest, (this.drawn.get(digest) ?? 0) + piece.length);
      yield piece;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#exchanges.map((exchange) => exchange.close()));
    await this.peers[Symbol.asyncDispose]();
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}
