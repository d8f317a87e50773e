import type { Bounds } from "@infernet/protocol/compare-tolerances";
import type { Answer } from "@infernet/protocol/job-progress";
import type { ComparedAs, CompletionRules } from "@infernet/protocol/llm/compare-completions";
import { compareGenerations } from "@infernet/protocol/llm/compare-generations";
import { GENERATION_INPUT, GENERATION_OUTPUT, Generation } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { ModelManifest } from "@infernet/schemas/model";
import type { RowRange } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { splitBytes } from "@infernet/schemas/tensor-bytes";
import { gatherRows } from "@infernet/schemas/tensor-rows";
import type { Comparison } from "@infernet/schemas/verification";
import type { z } from "zod";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import type { AggregatorContext } from "./context.ts";
import { describeComparison } from "./describe-comparison.ts";
import { inlineInputs, type OpenJob } from "./open-job.ts";
import type { PreparedOutput } from "./prepare-output.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

export interface Generated {
  manifest: ModelManifest;
  output: PreparedOutput;
  /** What the output says something about. */
  other: Answer;
  /** Its rows that the output has too. */
  theirs: readonly Tensor[];
  /** Whether that is the answer that is checked: else it is another check, or an answer that is to be replaced. */
  isAnswer: boolean;
  bounds: Bounds;
}

/** Holds generated text against other generated text: see `compareGenerations`. */
export async function compareGenerated(
  ctx: AggregatorContext,
  job: OpenJob,
  { manifest, output, other, theirs, isAnswer, bounds }: Generated,
): Promise<Comparison> {
  const requests = isAnswer ? await readRequests(ctx, job, output) : [];
  // What others began is of a stream, whose shards have one row each.
  const begun = isAnswer ? (other.begun ?? []) : [];
  const asOf = (row: number): ComparedAs =>
    isAnswer ? { kind: "answer", rules: rulesOf(requests[row] ?? null, manifest), begun } : { kind: "alike" };
  const ours = readGenerations(output.tensors);
  const compared = compareGenerations(ours, readGenerations(theirs), bounds, asOf);
  const zones = begun.flatMap(({ runner, lease_id }, n) => {
    const zone = compared.begun[n];
    return zone === undefined ? [] : [{ runner, lease_id, zone }];
  });
  return { ...describeComparison(other, compared), ...(zones.length > 0 ? { begun: zones } : {}) };
}

const rulesOf = (request: GenerationRequest | null, { llm }: ModelManifest): CompletionRules | null =>
  request && {
    tokens_max: request.sampling.tokens_max,
    context_tokens: llm?.context_tokens ?? Number.POSITIVE_INFINITY,
  };

/** Null for a row that is no generation. */
const readGenerations = (tensors: readonly Tensor[]): (Generation | null)[] =>
  readRows(
    tensors.find(({ name }) => name === GENERATION_OUTPUT.name),
    Generation,
  );

async function readRequests(
  ctx: AggregatorContext,
  job: OpenJob,
  { task, ranges }: PreparedOutput,
): Promise<(GenerationRequest | null)[]> {
  const first = task.shard * job.record.shard_rows;
  const rows = ranges.map(({ start, count }): RowRange => ({ start: first + start, count }));
  const input = job.record.inputs.find(({ name }) => name === GENERATION_INPUT.name);
  if (input === undefined) return [];
  const tensor =
    "blob" in input
      ? { ...input, data: await readBlob(createBlobStore(ctx.env), input.blob) }
      : inlineInputs(ctx.db, job).find(({ name }) => name === input.name);
  return readRows(tensor && gatherRows(tensor, rows), GenerationRequest);
}

function readRows<T>(tensor: Tensor | undefined, form: z.ZodType<T>): (T | null)[] {
  if (tensor === undefined) return [];
  return splitBytes(tensor.data).map((bytes) => {
    try {
      return form.parse(JSON.parse(utf8.decode(bytes)));
    } catch {
      return null;
    }
  });
}
