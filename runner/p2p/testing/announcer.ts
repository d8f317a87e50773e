import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerRecord } from "@infernet/schemas/peer/peer-record";
import type { Identity } from "../../identity/identity.ts";
import { type Discovery, openDiscovery } from "../discovery/open-discovery.ts";
import {
  type Announcement,
  publishRecord,
  type RecordPublisher,
  type RecordPublisherOptions,
} from "../discovery/record-publisher.ts";
import { createSequence } from "../discovery/record-sequence.ts";
import type { PeerNode } from "../node/peer-node.ts";

const GIB = 1024 ** 3;

export interface AnnouncerOptions
  extends Partial<Pick<RecordPublisherOptions, "record_ms" | "renew_ms" | "short_ms" | "debounce_ms">> {
  vram_gib?: number;
  says?: Partial<Announcement>;
  /** Told of each record that was made or handed on, and how many peers keep it. */
  onPublished?(holders: number): void;
}

/** A node that announces a machine. */
export interface Announcer {
  id: RunnerId;
  node: PeerNode;
  discovery: Discovery;
  publisher: RecordPublisher;
  /** What it announces; to be changed before `publisher.changed()`. */
  says: Partial<Announcement>;
  /** Records that it made, each with how many peers keep it. */
  published: { record: PeerRecord; holders: number }[];
  /** Ends the announcements, and then the node: cleanly. */
  leave(): Promise<void>;
}

/** Announces a machine with one card, or none, on a node. */
export async function announce(
  node: PeerNode,
  identity: Identity,
  { vram_gib = 0, says = {}, onPublished, ...times }: AnnouncerOptions = {},
): Promise<Announcer> {
  const discovery = await openDiscovery(node);
  const published: Announcer["published"] = [];
  const said = { ...says };
  const publisher = publishRecord({
    ...{ node, identity, shelf: discovery.shelf, sequence: createSequence(), now: Date.now },
    debounce_ms: 10,
    short_ms: 500,
    ...times,
    describe: async () => ({
      ...{ version: "0.1.0", availability: "open", models: [], services: [], direct: null, attestations: [] },
      addresses: node.addresses,
      capability: {
        engines: [
          { engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"], sandbox: "bwrap" },
        ],
        memory_bytes: 8 * GIB,
        cpu_cores: 4,
        gpus: vram_gib === 0 ? [] : [{ name: "a card", vram_bytes: vram_gib * GIB }],
      },
      ...said,
    }),
    onPublished: ({ record }, holders) => {
      published.push({ record, holders });
      onPublished?.(holders);
    },
  });
  const leave = async (): Promise<void> => {
    await publisher.stop();
    await node.stop();
  };
  return { id: identity.id, node, discovery, publisher, says: said, published, leave };
}
