import type { FetchedBlob } from "infernet-runner/cache/peer-blobs";
import type { PeerHint } from "infernet-runner/p2p/blobs/peer-hint";

interface OfBlob {
  seed: number;
  bytes: number;
}

/** What a machine of the benchmark is told to do. */
export type MachineOrder =
  | ({ order: "hold"; lies: boolean } & OfBlob)
  | ({ order: "fetch"; hints: PeerHint[] } & OfBlob);

export interface Fetched extends FetchedBlob {
  took_ms: number;
  /** Of the machine that fetched. */
  cpu_ms: number;
  distrusted: string[];
}

/** What it answers: where it is, what it fetched, or what failed. */
export type MachineAnswer = PeerHint | Fetched | { error: string };
