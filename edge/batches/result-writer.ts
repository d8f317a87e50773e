import type { BatchUsage, PartLine, PartOutcome } from "@infernet/schemas/batch-state";
import type { InfernetError } from "@infernet/schemas/errors";
import type { BatchId } from "@infernet/schemas/ids";
import type { BlobStore } from "../blobs/blob-store.ts";
import { PieceWriter } from "../files/piece-writer.ts";
import { renderOpenaiError } from "../v1/openai-error.ts";

/** A line that is answered. */
export type AnsweredLine = Pick<PartLine, "line" | "custom_id">;

/** Why a line has no answer that a server could have given: the batch ended before it was worked. */
export interface Unanswered {
  code: "batch_expired" | "batch_cancelled";
  message: string;
}

const NO_USAGE: BatchUsage = { input_tokens: 0, cached_tokens: 0, output_tokens: 0 };

const encoder = new TextEncoder();

/** Writes result lines, as OpenAI's API has them, into pieces of the two result files, and counts them. */
export class ResultWriter {
  readonly #batch: BatchId;
  readonly #output: PieceWriter;
  readonly #errors: PieceWriter;
  readonly #count = { completed: 0, failed: 0, expired: 0 };
  #usage = NO_USAGE;

  constructor(store: BlobStore, batch: BatchId) {
    this.#batch = batch;
    this.#output = new PieceWriter(store);
    this.#errors = new PieceWriter(store);
  }

  /** An answer, whose body is what the endpoint alone would have answered. */
  async succeed(of: AnsweredLine, request_id: string, body: unknown, usage: BatchUsage): Promise<void> {
    this.#count.completed += 1;
    this.#usage = addUsage(this.#usage, usage);
    await this.#write(this.#output, of, { status_code: 200, request_id, body }, null);
  }

  async fail(of: AnsweredLine, error: InfernetError, request_id = this.#idOf(of)): Promise<void> {
    this.#count.failed += 1;
    const { status, body } = renderOpenaiError(error);
    await this.#write(this.#errors, of, { status_code: status, request_id, body }, null);
  }

  async leave(of: AnsweredLine, why: Unanswered): Promise<void> {
    this.#count.failed += 1;
    if (why.code === "batch_expired") this.#count.expired += 1;
    await this.#write(this.#errors, of, null, why);
  }

  /** All of it, stored. */
  async close(charged_micro = "0"): Promise<PartOutcome> {
    const output = await this.#output.close();
    const errors = await this.#errors.close();
    return { ...this.#count, output, errors, usage: this.#usage, charged_micro };
  }

  async #write(
    writer: PieceWriter,
    of: AnsweredLine,
    response: { status_code: number; request_id: string; body: unknown } | null,
    error: Unanswered | null,
  ): Promise<void> {
    const line = { id: this.#idOf(of), custom_id: of.custom_id, response, error };
    await writer.write(encoder.encode(`${JSON.stringify(line)}\n`));
  }

  /** Always the same for a line: it may be written twice, and is kept once. */
  #idOf({ line }: AnsweredLine): string {
    return `batch_req_${this.#batch.slice("batch_".length)}_${line}`;
  }
}

const addUsage = (a: BatchUsage, b: BatchUsage): BatchUsage => ({
  input_tokens: a.input_tokens + b.input_tokens,
  cached_tokens: a.cached_tokens + b.cached_tokens,
  output_tokens: a.output_tokens + b.output_tokens,
});
