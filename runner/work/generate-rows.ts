import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import { GENERATION_OUTPUT, isCompletion } from "@infernet/schemas/llm/generation";
import type { LeaseGeneration } from "@infernet/schemas/llm/lease-generation";
import type { SignedBlock, TokenBlock } from "@infernet/schemas/llm/token-block";
import { type Lease, rowsIn } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import type { GenerationRun } from "../engine/engine.ts";
import { EngineFailure } from "../engine/engine-failure.ts";
import type { LeaseStream } from "../transport/stream-channel.ts";
import { generateRow } from "./generate-row.ts";
import { type ReadRequest, readRequests } from "./read-requests.ts";
import type { RowsRun } from "./run-rows.ts";
import type { LoadedModel, ModelUser } from "./session-pool.ts";
import { NO_TOKENS, type TokenTally, tallyTokens } from "./token-tally.ts";

export interface GenerateRowsOptions {
  pool: ModelUser;
  /** The edge's clock: Unix time in milliseconds. */
  edgeNow(): number;
  /** Where the parts go as they are made; null where only the whole is wanted. */
  stream: LeaseStream | null;
  signBlocks(execution_class: ExecutionClass): (block: TokenBlock) => SignedBlock;
  /** A row is in the hands of the model's engine, which makes so many completions at once. */
  onRunning(at_once_max: number): void;
  /** One more row is done. */
  onRow(): void;
  /** For the machine's owner. */
  onNote(note: string): void;
}

type GenerationLease = Lease & { generation: LeaseGeneration };
type RowRun = GenerationRun & Pick<RowsRun, "execution_class" | "manifest">;

/**
 * The rows of a lease on a model that generates text, each by itself and as many at once as the model takes. A row that is no
 * request, or that the model cannot complete, is an answer; a row on which the engine fails is the end of all.
 */
export async function generateRows(
  lease: GenerationLease,
  inputs: readonly Tensor[],
  signal: AbortSignal,
  options: GenerateRowsOptions,
): Promise<RowsRun & { tokens: TokenTally }> {
  const requests = readRequests(inputs, rowsIn(lease.rows));
  const runs: RowRun[] = [];
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const rows = requests.entries();
  const work = async (): Promise<void> => {
    for (const [row, read] of rows) {
      const complete = (loaded: LoadedModel) => completeRow(lease, row, read, loaded, either, options);
      runs[row] = await options.pool.use(lease.model, either, complete, options.stream !== null);
      options.onRow();
    }
  };
  const workers = Math.min(requests.length, LIMITS.generations_at_once_max);
  await Promise.all(
    Array.from({ length: workers }, () => work().catch((error: unknown) => failing.abort(error))),
  );
  either.throwIfAborted();
  return assemble(runs, lease);
}

async function completeRow(
  { generation: { task, given }, deadline_ms }: GenerationLease,
  row: number,
  read: ReadRequest,
  loaded: LoadedModel,
  signal: AbortSignal,
  { edgeNow, stream, signBlocks, onRunning, onNote }: GenerateRowsOptions,
): Promise<RowRun> {
  if (!("generator" in loaded))
    throw new EngineFailure("input_mismatch", "the lease is of completions, which the model does not make");
  const { generator, manifest } = loaded;
  const { execution_class } = generator;
  onRunning(generator.at_once_max);
  if ("error" in read) return { generation: { error: read.error }, compute_ms: 0, execution_class, manifest };
  stream?.begin(execution_class);
  const sign = signBlocks(execution_class);
  const timeout_ms = Math.max(1, Math.min(deadline_ms - edgeNow(), LIMITS.job_deadline_ms_max));
  const cuts: number[] = [];
  const run = await generateRow(generator, read.request, {
    ...{ task, given: given?.[row] ?? null, timeout_ms, signal },
    onPart: (part, block) => {
      cuts.push(part.text.length);
      stream?.push(part, block && sign(block));
    },
  });
  if (run.note !== undefined) onNote(run.note);
  const { generation } = run;
  const told = stream !== null && isCompletion(generation) ? { ...generation, cuts } : generation;
  return { ...run, generation: told, execution_class, manifest };
}

function assemble(runs: readonly RowRun[], { generation: { given } }: GenerationLease) {
  const [first] = runs;
  if (first === undefined) throw new EngineFailure("input_mismatch", "the lease has no rows");
  const { execution_class, manifest } = first;
  const encoder = new TextEncoder();
  const rows = runs.map(({ generation }) => encoder.encode(JSON.stringify(generation)));
  const { name, datatype } = GENERATION_OUTPUT;
  return {
    outputs: [{ name, datatype, shape: [rows.length], data: joinBytes(rows) }],
    execution_class,
    manifest,
    compute_ms: Math.min(
      runs.reduce((sum, { compute_ms }) => sum + compute_ms, 0),
      LIMITS.job_deadline_ms_max,
    ),
    tokens: runs.reduce(
      (tally, { generation }, row) => tallyTokens(tally, generation, given?.[row] ?? null),
      NO_TOKENS,
    ),
  };
}
