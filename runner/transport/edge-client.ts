import type { AppealRequest } from "@infernet/schemas/ban";
import type { ChallengeAnswer, ChallengeOffer, MeasuredSpeed } from "@infernet/schemas/challenge";
import type { Demand } from "@infernet/schemas/demand";
import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import type { Earnings, PayoutView } from "@infernet/schemas/earning";
import type { JobId } from "@infernet/schemas/ids";
import type { StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";
import type { ModelManifest, ModelName, ModelRef } from "@infernet/schemas/model";
import type { Page, PageQuery } from "@infernet/schemas/page";
import type { PayoutOrder } from "@infernet/schemas/payout";
import type { AttestationText } from "@infernet/schemas/peer/attestation";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Ban, Reputation } from "@infernet/schemas/provider";
import type {
  Capability,
  Heartbeat,
  HeartbeatResponse,
  PollRequest,
  PollResponse,
  RunnerRegistration,
  RunnerWelcome,
  Submission,
  SubmissionResponse,
} from "@infernet/schemas/runner";
import type { LinkListener, StreamLink } from "./stream-link.ts";

/** Of a runner's record what its owner is shown. */
export interface OwnRecord {
  /** As it registered last. */
  capability: Capability;
  reputation: Pick<
    Reputation,
    | "score"
    | "audits_passed"
    | "convictions"
    | "shards_completed"
    | "shards_failed"
    | "shards_expired"
    | "is_new"
  >;
  ban: Ban | null;
}

export interface NamedModel {
  digest: Sha256;
  names: ModelName[];
  manifest: ModelManifest;
}

/**
 * What a runner and its owner ask of an edge, whatever carries it. Every call is idempotent. A call waits out an edge that does not
 * answer, for as long as its signal allows; it rejects with `EdgeRefusal` when the edge answers no, and with the
 * signal's reason when it is aborted.
 */
export interface EdgeClient {
  register(registration: RunnerRegistration, signal: AbortSignal): Promise<RunnerWelcome>;
  poll(request: PollRequest, signal: AbortSignal): Promise<PollResponse>;
  /** Takes no more work: what is parked at the edge for this runner ends. Tries once. */
  leave(signal: AbortSignal): Promise<void>;
  /** Tries once: the next heartbeat is the retry. Rejects with `EdgeUnreachable` too. */
  heartbeat(heartbeat: Heartbeat, signal: AbortSignal): Promise<HeartbeatResponse>;
  /** A challenge that measures this machine, where one is due. Tries once. */
  challenge(signal: AbortSignal): Promise<ChallengeOffer>;
  /** Tries once: the time that it takes counts. */
  answerChallenge(answer: ChallengeAnswer, signal: AbortSignal): Promise<MeasuredSpeed>;
  /** Random bytes, `bandwidth_probe_bytes` of them, to time the way here. Tries once. */
  downloadProbe(signal: AbortSignal): Promise<Bytes>;
  /** Bytes that the edge throws away, to time the way there. Tries once. */
  uploadProbe(bytes: Bytes, signal: AbortSignal): Promise<void>;
  /** @param timeout_ms how long the edge may take for one attempt, where that should be less than usual */
  submit(submission: Submission, signal: AbortSignal, timeout_ms?: number): Promise<SubmissionResponse>;
  /** A connection for the tokens of all jobs of the object that owns this one. Tries once, and tells the listener how it went. */
  openStream(job: JobId, listener: LinkListener): StreamLink;
  /** The same without a connection, for deltas of one object. Tries once. */
  postStream(message: StreamUp, signal: AbortSignal): Promise<StreamDown>;
  /** The manifest that has this digest; checked. */
  getManifest(digest: Sha256, signal: AbortSignal): Promise<ModelManifest>;
  /** A model by its name or digest, with its names; the manifest is checked. Waits for no edge that is away. */
  findModel(ref: ModelRef, signal: AbortSignal): Promise<NamedModel>;
  /**
   * The bytes as they come, unchecked: whoever stores them hashes them.
   *
   * @param start the first byte that is wanted, where it is not 0
   */
  getBlob(sha256: Sha256, signal: AbortSignal, start?: number): Promise<AsyncIterable<Uint8Array>>;
  putBlob(sha256: Sha256, bytes: Bytes, signal: AbortSignal): Promise<void>;
  /** The edge's clock, Unix time in milliseconds, which it tells whoever asks. Tries once. */
  getTime(signal: AbortSignal): Promise<number>;
  /** Peers that this edge names to begin with; none by an edge that knows of no peers. Tries once. */
  getPeers(signal: AbortSignal): Promise<PeerAddress[]>;
  /** This network's signed word of this runner, to be handed on; null where it has not registered there. Tries once. */
  getAttestation(signal: AbortSignal): Promise<AttestationText | null>;
  /** What waits for runners at this edge. Tries once. */
  getDemand(signal: AbortSignal): Promise<Demand>;
  /** This runner, by the network's own record; null when it is not known there. Tries once. */
  getRecord(signal: AbortSignal): Promise<OwnRecord | null>;
  /** This runner's ban, by the network's own record. Tries once. */
  getBan(signal: AbortSignal): Promise<Ban | null>;
  /** Objects to a ban, in words for the operator. Tries once. */
  appeal(appeal: AppealRequest, signal: AbortSignal): Promise<void>;
  /** A page of what this runner has earned, the latest first, with the sums of all. Waits for no edge that is away. */
  getEarnings(query: PageQuery, signal: AbortSignal): Promise<Earnings>;
  /** A page of what was sent to its owner, the latest first. Waits for no edge that is away. */
  listPayouts(query: PageQuery, signal: AbortSignal): Promise<Page<PayoutView>>;
  /** Orders everything sent that is payable, and says what that is. Tries once. */
  withdraw(signal: AbortSignal): Promise<PayoutOrder[]>;
}
