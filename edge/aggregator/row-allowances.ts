import { promptTokensMax } from "@infernet/protocol/llm/estimate-units";
import type { RowAllowance as Allowance } from "@infernet/protocol/llm/stream/assert-completion";
import { GENERATION_INPUT } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { splitBytes } from "@infernet/schemas/tensor-bytes";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import type { AggregatorContext } from "./context.ts";
import { inlineInputs, type OpenJob } from "./open-job.ts";

/** What a row's request allows, and about how many tokens its prompt has. */
export interface RowAllowance extends Allowance {
  prompt_tokens_likely: number;
}

/** What each row of a job's requests allows: read once, as a job's blob of requests may be large. */
export async function readAllowances(ctx: AggregatorContext, job: OpenJob): Promise<readonly RowAllowance[]> {
  const known = knownAllowances(ctx, job);
  if (known !== null) return known;
  const { record } = job;
  const input = record.inputs.find(({ name }) => name === GENERATION_INPUT.name);
  if (input === undefined || !("blob" in input)) throw new Error(`job ${record.id} has no requests`);
  const data = await readBlob(createBlobStore(ctx.env), input.blob);
  job.allowances = allowEach(job, splitBytes(data));
  return job.allowances;
}

/** The same at once; null where the requests are a blob that was not read yet. */
export function knownAllowances(ctx: AggregatorContext, job: OpenJob): readonly RowAllowance[] | null {
  if (job.allowances !== null) return job.allowances;
  const tensor = inlineInputs(ctx.db, job).find(({ name }) => name === GENERATION_INPUT.name);
  if (tensor !== undefined) job.allowances = allowEach(job, splitBytes(tensor.data));
  return job.allowances;
}

/** Bytes of ordinary text for each token, about. */
const BYTES_PER_TOKEN = 4;

const decoder = new TextDecoder();

function allowEach({ record }: OpenJob, rows: readonly Uint8Array[]): RowAllowance[] {
  const context_tokens = record.generation?.context_tokens ?? Number.POSITIVE_INFINITY;
  return rows.map((row) => {
    const parsed = GenerationRequest.safeParse(parseJson(row));
    // What no request can be is answered with an error.
    if (!parsed.success)
      return { tokens_max: 0, prompt_tokens_max: 0, prompt_tokens_likely: 0, context_tokens };
    const { tokens_max } = parsed.data.sampling;
    const prompt_tokens_max = promptTokensMax(parsed.data);
    const isCounted = parsed.data.prompt.kind === "tokens";
    const prompt_tokens_likely = Math.ceil(prompt_tokens_max / (isCounted ? 1 : BYTES_PER_TOKEN));
    return { tokens_max, prompt_tokens_max, prompt_tokens_likely, context_tokens };
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return null;
  }
}
