import { z } from "zod";
import { ExecutionClass } from "../execution-class.ts";
import { JobId, LeaseId, ShardIndex } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { TokenPart } from "./generation.ts";
import { SignedBlock } from "./token-block.ts";

/** New positions of one completion, under one lease. */
export const StreamDelta = z.strictObject({
  lease_id: LeaseId,
  job_id: JobId,
  shard: ShardIndex,
  /**
   * Position of the first part; what came before it was sent already, or given with the lease. A runner that has connected anew
   * begins with the first position that it was not told is kept: the edge passes over what it has, blocks included.
   */
  start: z.int().min(0),
  /** Of the machine that makes them: who goes on must be of the same. Null until the model is loaded, and there are parts. */
  execution_class: ExecutionClass.nullable(),
  /** Tokens of the prompt, as soon as they are counted: what is paid for it if the job is canceled. */
  prompt_tokens: z.int().min(0).max(LIMITS.context_tokens_max).optional(),
  /** None: a sign of life, at `start`, from the moment the lease is taken until its answer is. */
  parts: z.array(TokenPart).max(LIMITS.parts_per_delta_max),
  /** Blocks that these parts complete. */
  blocks: z.array(SignedBlock).max(LIMITS.parts_per_delta_max),
});
export type StreamDelta = z.infer<typeof StreamDelta>;

/**
 * What a runner sends while it generates, in the binary form: as a message on the WebSocket `GET /runner/stream`, or where
 * none gets through as the body of `POST /runner/stream`. All of one message are of jobs of one aggregator object.
 */
export const StreamUp = z.strictObject({
  deltas: z.array(StreamDelta).min(1).max(LIMITS.leases_per_runner_max),
});
export type StreamUp = z.infer<typeof StreamUp>;

/** What the edge answers on the same way. */
export const StreamDown = z.strictObject({
  /** Positions that are kept for good: what came before them need not be sent again, whatever happens. */
  kept: z.array(z.strictObject({ lease_id: LeaseId, positions: z.int().min(0) })),
  /** A delta did not follow on what the edge has: send anew from this position. */
  resend: z.array(z.strictObject({ lease_id: LeaseId, from: z.int().min(0) })),
  /** Nobody wants these any more, or they were given to somebody else: stop. */
  ended: z.array(LeaseId),
});
export type StreamDown = z.infer<typeof StreamDown>;
