import type { NetworkId } from "@infernet/schemas/commitment";
import type { Sha256 } from "@infernet/schemas/digest";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { JobId, LeaseId, RunnerId, ShardIndex } from "@infernet/schemas/ids";
import type { MicroAmount } from "@infernet/schemas/money";
import type { InvitationTerms } from "@infernet/schemas/peer/invitation";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Capability, FailureCode, SubmissionReceipt } from "@infernet/schemas/runner";
import type { FetchedBlob } from "../cache/peer-blobs.ts";
import type { MissingEngine } from "../engine/open-engines.ts";
import type { Reachability } from "../p2p/node/reachability.ts";
import type { TokenTally } from "./token-tally.ts";

/** What makes a runner pause: its owner's command, or a rule of the settings. */
export type PauseCause = "command" | "busy" | "schedule" | "battery";

interface OfLease {
  lease_id: LeaseId;
  job_id: JobId;
  shard: ShardIndex;
  model: Sha256;
  rows: number;
}

/**
 * What a runner tells its operator: one JSON object a line with `--json`. Fields are only ever added. `aggregator`: the network
 * of the peer's aggregator that it is about; absent where it is about the edge, or the machine.
 */
export type RunnerEvent = Told & { aggregator?: NetworkId };

type Told =
  | {
      event: "started";
      id: RunnerId;
      version: string;
      /** Null where it works for peers' aggregators alone. */
      edge: string | null;
      home: string;
      capability: Capability;
      /** Engines that do not work on this machine. */
      missing: readonly MissingEngine[];
      /** Whether it offers to decide disagreements, and nothing else. */
      referee: boolean;
      /** Address of its metrics on this machine; null where it serves none. */
      metrics: string | null;
    }
  /** What its engines offer has become another, as when the server of one of them has. */
  | { event: "offers.changed"; capability: Capability }
  /** What takes a while before it can start, as installing an engine does. */
  | { event: "preparing"; detail: string }
  | { event: "registered"; network: NetworkId; poll_wait_ms: number; warnings: string[] }
  /** The edge has measured this machine: `cores` of the cores that it was asked about. Not passed: the answer was wrong or late. */
  | { event: "speed.measured"; cores: number; of: number; passed: boolean }
  | { event: "leased"; leases: OfLease[] }
  /** A blob has come, with how much of it from peers and how much from the edge. */
  | ({ event: "blob.fetched"; sha256: Sha256 } & FetchedBlob)
  /** What peers have taken of its blobs since it was last told. */
  | { event: "blobs.sent"; peer: RunnerId; bytes: number }
  /** A peer has sent something wrong, and is left alone for a while. */
  | { event: "peer.distrusted"; peer: RunnerId; detail: string }
  | { event: "model.loaded"; model: Sha256; execution_class: ExecutionClass; load_ms: number }
  | { event: "model.unloaded"; model: Sha256 }
  /** `tokens`: of a model that generates text, with how many it made a second. */
  | ({
      event: "shard.done";
      execution_class: ExecutionClass;
      compute_ms: number;
      total_ms: number;
      tokens?: TokenTally & { tokens_per_s: number };
    } & OfLease)
  | ({ event: "shard.failed"; code: FailureCode; detail: string } & OfLease)
  /** The edge took the lease back; its work stopped. */
  | ({ event: "shard.lost" } & OfLease)
  | ({ event: "shard.handed_back" } & OfLease)
  /** A peer's direct job is done and its answer kept. `payment`: how it is paid. */
  | {
      event: "direct.done";
      client: RunnerId;
      model: Sha256;
      rows: number;
      execution_class: ExecutionClass;
      compute_ms: number;
      price_micro: MicroAmount;
      payment: "free" | "voucher";
    }
  | { event: "submitted"; receipts: SubmissionReceipt[] }
  /** No WebSocket gets through to the edge: tokens go there in posts, a little later each. */
  | { event: "streams.posting" }
  | { event: "edge.unreachable"; detail: string }
  | { event: "edge.back" }
  /** The edge answered no where waiting may help; the runner goes on asking. */
  | { event: "edge.refused"; status: number; code: string | null; detail: string }
  /** Takes no leases until it resumes. `by`: who or what wants it so. */
  | { event: "paused"; by: PauseCause; reason: string }
  | { event: "resumed"; paused_ms: number }
  /** It stood still, as a machine does that sleeps, and has asked the edge anew what it holds. */
  | { event: "woke"; gap_ms: number }
  /** How far the edge's clock is ahead of this machine's; said when it is too far, and when it is right again. */
  | { event: "clock.skewed"; skew_ms: number }
  | { event: "clock.right"; skew_ms: number }
  | { event: "draining"; leases: number; grace_ms: number }
  | { event: "stopped"; shards_done: number; shards_failed: number; rows_done: number; unsent: number }
  /** It is in the network of peers, which can be asked now. `addresses`: where others reach it. */
  | { event: "peers.joined"; addresses: PeerAddress[]; peers: number }
  /** Of the peers to begin with nobody answers; they are tried again and again. */
  | { event: "peers.alone"; tried: { address: PeerAddress; reason: string }[] }
  /** How others come to this machine has become another. */
  | { event: "peers.reachability"; reachability: Reachability }
  /** It works for a peer's aggregator from now on. */
  | { event: "aggregator.joined"; name: string; peer: RunnerId; terms: InvitationTerms }
  /** It does not any more, and why. */
  | { event: "aggregator.left"; name: string; detail: string }
  /** A peer's invitation was declined, and why. */
  | { event: "aggregator.declined"; name: string; peer: RunnerId; detail: string }
  /** Something beside the work does not work; the runner goes on without it. */
  | { event: "warning"; detail: string }
  /** The runner cannot go on; the process ends with the exit code of the README. */
  | { event: "fatal"; code: string; detail: string; hint: string };

export type Log = (event: RunnerEvent) => void;
