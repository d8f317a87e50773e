import { type RowUnits, rowUnitsMax } from "@infernet/protocol/llm/estimate-units";
import { chooseShardRows } from "@infernet/protocol/split";
import { OPERATIONS_PER_CORE_SECOND } from "@infernet/protocol/work-units/reference-core";
import { InfernetError } from "@infernet/schemas/errors";
import type { JobRequest } from "@infernet/schemas/job";
import type { JobRecord } from "@infernet/schemas/job-record";
import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { JobGeneration } from "@infernet/schemas/llm/job-generation";
import { operationsPerUnit } from "@infernet/schemas/llm/token-units";
import { generatesText, type ModelManifest } from "@infernet/schemas/model";
import type { Tensor, TensorBlob } from "@infernet/schemas/tensor";
import { readRequests } from "./read-requests.ts";

const MICROSECONDS_PER_SECOND = 1_000_000n;

/** What the rows of a job on a model that generates text come to before it is cut and priced. */
export interface GenerationPlan {
  record: NonNullable<JobRecord["generation"]>;
  /** Of all rows together, in units of tokens. */
  units: RowUnits;
  operations_per_unit: bigint;
  /** Time of a typical row on a reference core, in microseconds. */
  row_cost_us: number;
}

/**
 * Parses and weighs a job's requests; null for models that do not generate text.
 *
 * @throws InfernetError `request_invalid` and what `readRequests` throws
 */
export async function planGeneration(
  env: Env,
  request: JobRequest,
  inputs: readonly (Tensor | TensorBlob)[],
  manifest: ModelManifest,
): Promise<GenerationPlan | null> {
  if (!generatesText(manifest) || manifest.llm === undefined) {
    if (request.generation === undefined) return null;
    throw refuse("/generation", `is for models that generate text; this one's engine is ${manifest.engine}`);
  }
  if (request.encryption !== undefined)
    throw refuse(
      "/encryption",
      "cannot be used with a model that generates text: its requests are read here",
    );
  const delivery = request.generation ?? JobGeneration.parse({});
  assertShardRows(request, delivery);
  const [input] = inputs;
  if (input === undefined) throw new Error("a job without inputs has passed its checks");
  const requests = await readRequests(env, input, manifest);
  const { context_tokens, parameters } = manifest.llm;
  return {
    record: { ...delivery, context_tokens },
    ...weighRequests(requests, context_tokens, operationsPerUnit(BigInt(parameters))),
  };
}

/** What requests cost at most, and how long one of them typically takes. */
function weighRequests(
  requests: readonly GenerationRequest[],
  context_tokens: number,
  operations_per_unit: bigint,
): Omit<GenerationPlan, "record"> {
  const units = { made: 0, checked: 0 };
  for (const request of requests) {
    const row = rowUnitsMax(request, context_tokens);
    units.made += row.made;
    units.checked += row.checked;
  }
  const operations = (BigInt(units.made) * operations_per_unit) / BigInt(requests.length);
  const row_cost_us = Number((operations * MICROSECONDS_PER_SECOND) / OPERATIONS_PER_CORE_SECOND);
  return { units, operations_per_unit, row_cost_us: Math.max(1, row_cost_us) };
}

/** Rows in a shard: one where tokens are streamed, and otherwise as many as make a shard of the usual time. */
export function chooseGenerationShardRows(
  { record, row_cost_us }: GenerationPlan,
  choice: Omit<Parameters<typeof chooseShardRows>[0], "row_cost_us">,
): number {
  if (record.stream) return chooseShardRows({ ...choice, row_cost_us, asked: 1 });
  return Math.min(LIMITS.rows_per_shard_generated_max, chooseShardRows({ ...choice, row_cost_us }));
}

/** Units that a quote pays for: of all completions, and of the checks that they will probably have. */
export const pricedUnits = ({ units }: Pick<GenerationPlan, "units">, checks_per_row: number): number =>
  Math.max(1, Math.ceil(units.made + units.checked * checks_per_row));

function assertShardRows({ shard_rows }: JobRequest, { stream }: JobGeneration): void {
  if (shard_rows === undefined) return;
  if (stream && shard_rows !== 1)
    throw refuse("/shard_rows", "is 1 where tokens are streamed: every completion is a shard of its own");
  if (shard_rows > LIMITS.rows_per_shard_generated_max)
    throw refuse("/shard_rows", `is at most ${LIMITS.rows_per_shard_generated_max} of generated text`);
}

const refuse = (pointer: string, detail: string): InfernetError =>
  new InfernetError("request_invalid", `${pointer} ${detail}`, { errors: [{ pointer, detail }] });
