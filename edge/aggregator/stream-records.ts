import { ShardIndex } from "@infernet/schemas/ids";
import { Job } from "@infernet/schemas/job";
import { LogEvent } from "@infernet/schemas/job-event";
import { FinishReason, GenerationError, TokenPart, TokenUsage } from "@infernet/schemas/llm/generation";
import { z } from "zod";

/** How a completion was gone on with after its maker was lost: exactly, or as well as a machine of another class could. */
export const Continued = z.enum(["exact", "best_effort"]);
export type Continued = z.infer<typeof Continued>;

/** Positions of one completion, in order and without a gap: the first of a shard begin where the reader asked for. */
const Parts = z.strictObject({
  kind: z.literal("parts"),
  shard: ShardIndex,
  start: z.int().min(0),
  parts: z.array(TokenPart).min(1),
});

/** What was delivered of this completion is void; it begins anew at position 0. */
const Restart = z.strictObject({ kind: z.literal("restart"), shard: ShardIndex });

/** The answer to one prompt has been taken, all its parts went before. Of every shard once, unless it is restarted later. */
const Finished = z.strictObject({
  kind: z.literal("finished"),
  shard: ShardIndex,
  /** Text of the completion that no part held; mostly none. */
  rest: z.string(),
  /** Null where the request came to an error. */
  finish_reason: FinishReason.nullable(),
  usage: TokenUsage.nullable(),
  error: GenerationError.nullable(),
  /** Members of OpenAI's message besides role and content. */
  message: z.record(z.string(), z.unknown()).optional(),
  /** What it weighs in the price, all makers together. */
  units: z.int().min(0),
  /** Null where one machine made all of it. */
  continued: Continued.nullable(),
});

/** Something happened to the job: only for readers that asked for it. */
const Event = z.strictObject({ kind: z.literal("event"), event: LogEvent });

/** Nothing new for a while; for keeping connections open. */
const Waiting = z.strictObject({ kind: z.literal("waiting") });

/** The last record: the job is over. */
const End = z.strictObject({ kind: z.literal("end"), job: Job });

/** One entry of what an aggregator object streams of a job to a reader. */
export const StreamRecord = z.discriminatedUnion("kind", [Parts, Restart, Finished, Event, Waiting, End]);
export type StreamRecord = z.infer<typeof StreamRecord>;

/** Where a reader begins. */
export const StreamStart = z.strictObject({
  /** Positions of each shard that it has already, in order; of those not named none. */
  positions: z.array(z.int().min(0)),
  /** Number of the last job event that it has; null for a reader of text alone. */
  after: z.int().nullable(),
});
export type StreamStart = z.infer<typeof StreamStart>;

/** A reader of the text alone, from its beginning. */
export const FROM_START: StreamStart = { positions: [], after: null };
