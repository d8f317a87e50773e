import { z } from "zod";
import { BatchEndpoint, BatchError, BatchStatus } from "./batch.ts";
import { Sha256 } from "./digest.ts";
import { FilePiece } from "./file.ts";
import { BatchId, FileId } from "./ids.ts";
import { JobRequest, Metadata } from "./job.ts";

/** What a batch is, for good: written once, when it is made. */
export const BatchRecord = z.strictObject({
  id: BatchId,
  endpoint: BatchEndpoint,
  input_file_id: FileId,
  /** The input's blobs: the batch goes on when its file is deleted. */
  pieces: z.array(FilePiece),
  /** Where this edge is reached from outside. */
  origin: z.string(),
  metadata: Metadata.nullable(),
  created_ms: z.int(),
  expires_ms: z.int(),
  /** How long its result files are kept. */
  retention_ms: z.int(),
});
export type BatchRecord = z.infer<typeof BatchRecord>;

/** The beginning of a line of the input: its number from 1, and its place in bytes. */
const LinePlace = z.strictObject({ number: z.int().min(1), offset: z.int().min(0) });

export const BatchUsage = z.strictObject({
  input_tokens: z.int().min(0),
  cached_tokens: z.int().min(0),
  output_tokens: z.int().min(0),
});
export type BatchUsage = z.infer<typeof BatchUsage>;

/** How far a batch is. */
export const BatchState = z.strictObject({
  status: BatchStatus,
  /** When it came to each status that it has had, in Unix ms. */
  began: z.partialRecord(BatchStatus, z.int()),
  /** Requests in its input; null until it was read once. */
  total: z.int().min(1).nullable(),
  /** Where the part of the input begins that no jobs were made of yet; null when there is none left. */
  uncut: LinePlace.nullable(),
  /** Parts that its input was cut into so far. */
  parts: z.int().min(0),
  completed: z.int().min(0),
  failed: z.int().min(0),
  /** Of the failed, those that were not answered in time. */
  expired: z.int().min(0),
  usage: BatchUsage,
  /** Decimal: micro-units of credit. */
  charged_micro: z.string(),
  errors: z.array(BatchError),
  output_file_id: FileId.nullable(),
  error_file_id: FileId.nullable(),
});
export type BatchState = z.infer<typeof BatchState>;

const { shape } = JobRequest;

/** The job that a part of a batch is to become. */
export const PartWork = z.strictObject({
  /** The model's digest: a name may mean another one by the time that the job is made. */
  model: Sha256,
  /** The model's input that the rows are of. */
  input: z.string(),
  rows: z.int().min(1),
  /** The rows, as BYTES data. */
  blob: Sha256,
  options: z.strictObject({
    requirements: shape.requirements.unwrap(),
    /** Without it what is usual when the job is made. */
    verification: shape.verification.unwrap().optional(),
    payment: shape.payment.unwrap().optional(),
    offer: shape.offer,
    deadline: shape.deadline,
    generation: shape.generation,
  }),
});
export type PartWork = z.infer<typeof PartWork>;

/** What the answer to one line is written with. */
export const PartLine = z.strictObject({
  line: z.int().min(1),
  custom_id: z.string(),
  /** Rows of the job that answer it, one after the other. */
  rows: z.int().min(1),
  /** The model by the name that the line has for it. */
  model: z.string(),
  /** Of embeddings. */
  encoding: z.enum(["float", "base64"]).optional(),
  /** Of completions: the seed of the first row, whether tokens' likelihoods were asked for, and completions a prompt. */
  generation: z.strictObject({ seed: z.int(), logprobs: z.boolean(), choices: z.int().min(1) }).optional(),
});
export type PartLine = z.infer<typeof PartLine>;

/** What became of a part's lines: their result lines, as pieces of the two files, and what they came to. */
export const PartOutcome = z.strictObject({
  output: z.array(FilePiece),
  errors: z.array(FilePiece),
  completed: z.int().min(0),
  failed: z.int().min(0),
  expired: z.int().min(0),
  usage: BatchUsage,
  charged_micro: z.string(),
});
export type PartOutcome = z.infer<typeof PartOutcome>;
