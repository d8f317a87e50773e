import { env, runInDurableObject } from "cloudflare:test";
import type { NewJob } from "@infernet/db/aggregator/jobs";
import { renderSignature } from "@infernet/schemas/commitment";
import { renderHash } from "@infernet/schemas/hash";
import { Unit } from "@infernet/schemas/ledger";
import { encodeLikely, FINGERPRINT_TOKENS, renderFingerprint } from "@infernet/schemas/llm/fingerprint";
import {
  type Completion,
  GENERATION_INPUT,
  GENERATION_OUTPUT,
  type TokenPart,
} from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { JobGeneration } from "@infernet/schemas/llm/job-generation";
import type { StreamDelta } from "@infernet/schemas/llm/stream-message";
import {
  BLOCK_TOKENS,
  blockStatement,
  linkBlock,
  type SignedBlock,
  startChain,
} from "@infernet/schemas/llm/token-block";
import type { Lease, ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import type { TestSigner } from "@infernet/schemas/testing/sign-commitment";
import { loadNetworkKey } from "../../network/network-key.ts";
import { unwrap } from "../../rpc.ts";
import { FROM_START, type StreamRecord, type StreamStart } from "../stream-records.ts";
import { aggregator, answerLease, CLIENT, newJob } from "./network.ts";

/** Ends the object as a crash would: what was not stored is gone. */
export async function crash(): Promise<void> {
  await runInDurableObject(aggregator(), (_, state) => state.abort("crashed by the test")).catch(
    () => undefined,
  );
}

export const LLM_CLASS = "llm/1.0.0/cpu/fp32";
/** Tokens of the prompts here. */
const PROMPT = [1, 2, 3, 4, 5];
export const PROMPT_TOKENS = PROMPT.length;
const CONTEXT_TOKENS = 4_096;

const encoder = new TextEncoder();
const bytesTensor = (name: string, rows: readonly unknown[]): Tensor => ({
  name,
  datatype: "BYTES",
  shape: [rows.length],
  data: joinBytes(rows.map((row) => encoder.encode(JSON.stringify(row)))),
});

/** A job of so many prompts, each allowed so many tokens. */
export function textJob(
  generation: Partial<JobGeneration> = {},
  { rows = 1, tokens_max = 512, ...changes }: Partial<NewJob["record"]> & { tokens_max?: number } = {},
): NewJob {
  const request: GenerationRequest = {
    prompt: { kind: "tokens", tokens: PROMPT },
    sampling: { temperature: 1, top_p: 1, seed: 7, tokens_max, stop: [] },
    top_logprobs: null,
  };
  const asked = { stream: true, failover: "continue" as const, cancel_on_disconnect: false, ...generation };
  return newJob(
    {
      engine: "llm",
      inputs: [{ name: GENERATION_INPUT.name, datatype: "BYTES", shape: [rows] }],
      outputs: [{ name: GENERATION_OUTPUT.name, datatype: "BYTES", shape: [null] }],
      rows,
      shard_rows: asked.stream ? 1 : rows,
      generation: { ...asked, context_tokens: CONTEXT_TOKENS },
      price: {
        unit: Unit.parse("credit"),
        escrow: null,
        quoted_micro: "1000000",
        priced_rows: 1_000_000,
        fee_bps: 100,
      },
      ...changes,
    },
    { input: encodeTensors([bytesTensor(GENERATION_INPUT.name, Array(rows).fill(request))]) },
  );
}

/** The token at a position of every completion here, as if a model had chosen it; `variant` is another model's choice. */
const tokenAt = (position: number, variant = 0): number => (position * 31 + variant * 7) % 997;
const textAt = (position: number, variant = 0): string => ` ${tokenAt(position, variant)}`;

export const partAt = (position: number, variant = 0): TokenPart => ({
  token: tokenAt(position, variant),
  text: textAt(position, variant),
  logprob: null,
});

export const textOf = (start: number, end: number, variant = 0): string => {
  let text = "";
  for (let position = start; position < end; position += 1) text += textAt(position, variant);
  return text;
};

const likelyAt = (position: number, variant: number): Uint8Array =>
  encodeLikely(
    Array.from({ length: FINGERPRINT_TOKENS }, (_, i) => ({
      token: tokenAt(position, variant) + i,
      logprob: -2 - 0.4 * i,
    })),
  );

/** A runner of a streamed lease: what it makes of it, from what it was given on, as `work` would send it. */
export class Maker {
  readonly lease: Lease;
  readonly runner: TestSigner;
  readonly execution_class: string;
  readonly #variant: number;
  /** What it goes on from. */
  readonly given: number;
  made: number;
  #chain: Uint8Array | null = null;
  readonly #deltas: StreamDelta[] = [];

  constructor(runner: TestSigner, lease: Lease, { execution_class = LLM_CLASS, variant = 0 } = {}) {
    this.runner = runner;
    this.lease = lease;
    this.execution_class = execution_class;
    this.#variant = variant;
    this.given = lease.generation?.given?.[0]?.positions ?? 0;
    this.made = this.given;
  }

  #tokenAt(position: number): number {
    return this.lease.generation?.given?.[0]?.tokens?.[position] ?? tokenAt(position, this.#variant);
  }

  /** The next positions, with the blocks that they complete. @param isLast whether the completion ends with them */
  async make(count: number, isLast = false): Promise<StreamDelta> {
    const start = this.made;
    const parts = Array.from({ length: count }, (_, n) => partAt(start + n, this.#variant));
    this.made += count;
    const blocks: SignedBlock[] = [];
    for (let end = start + 1; end <= this.made; end += 1)
      if (end % BLOCK_TOKENS === 0 || (isLast && end === this.made)) blocks.push(await this.#sign(end));
    const delta = { ...this.beat(), start, parts, blocks };
    this.#deltas.push(delta);
    return delta;
  }

  /** All that it has made so far, as after it has connected anew. */
  again(from: number): StreamDelta[] {
    return this.#deltas.filter(({ start, parts }) => start + parts.length > from);
  }

  beat(): StreamDelta {
    const { id: lease_id, job_id, shard } = this.lease;
    const { execution_class } = this;
    return {
      lease_id,
      job_id,
      shard,
      start: this.made,
      execution_class,
      prompt_tokens: PROMPT_TOKENS,
      parts: [],
      blocks: [],
    };
  }

  async #sign(end: number): Promise<SignedBlock> {
    const { id: network } = await loadNetworkKey(env);
    const { id: lease_id, job_id, shard, model } = this.lease;
    const { execution_class, runner } = this;
    this.#chain ??= startChain({
      network,
      job_id,
      shard,
      lease_id,
      runner: runner.id,
      model,
      execution_class,
    });
    const start = end - 1 - ((end - 1) % BLOCK_TOKENS);
    const positions = Array.from({ length: end - start }, (_, n) => start + n);
    const fingerprint = new Uint8Array(positions.flatMap((at) => [...likelyAt(at, this.#variant)]));
    const block = {
      start,
      tokens: positions.map((at) => this.#tokenAt(at)),
      fingerprint,
      margins: positions.map(() => 0),
    };
    this.#chain = linkBlock(this.#chain, block);
    const chain = renderHash(this.#chain);
    const signed = await crypto.subtle.sign("Ed25519", runner.key, blockStatement(chain));
    return { block, execution_class, chain, signature: renderSignature(new Uint8Array(signed)) };
  }

  send(...deltas: StreamDelta[]) {
    return aggregator().streamUp(this.runner.id, { deltas });
  }

  /** Its answer, of so many positions in all. */
  async answer(positions: number, changes: Partial<Completion> = {}): Promise<ShardDone> {
    const at = Array.from({ length: positions }, (_, n) => n);
    const given = this.lease.generation?.given?.[0]?.text ?? "";
    const completion: Completion = {
      text: given + textOf(this.given, positions, this.#variant),
      tokens: at.map((position) =>
        position < this.given ? this.#tokenAt(position) : tokenAt(position, this.#variant),
      ),
      finish_reason: "stop",
      usage: { prompt_tokens: PROMPT_TOKENS, cached_tokens: 0, completion_tokens: positions },
      logprobs: null,
      evidence: {
        fingerprint: renderFingerprint(at.map((position) => likelyAt(position, this.#variant))),
        margins: at.map(() => 0),
      },
      ...changes,
    };
    const outputs = [bytesTensor(GENERATION_OUTPUT.name, [completion])];
    return answerLease(this.runner, this.lease, outputs, this.execution_class);
  }
}

/** A reader of a job's stream, as a Worker reads it. */
export async function openReader(job: NewJob, from: StreamStart = FROM_START): Promise<StreamReader> {
  const lines = unwrap(await aggregator().stream(CLIENT, job.record.id, from));
  return new StreamReader(lines);
}

class StreamReader {
  readonly records: StreamRecord[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #unfinished = "";
  isDone = false;

  constructor(lines: ReadableStream<Uint8Array>) {
    this.#reader = lines.getReader();
  }

  /** Reads until what was read is as awaited. */
  async until(isAwaited: (records: readonly StreamRecord[]) => boolean): Promise<readonly StreamRecord[]> {
    while (!isAwaited(this.records)) {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.isDone = true;
        if (isAwaited(this.records)) break;
        throw new Error(`the stream has ended: ${JSON.stringify(this.records.slice(-3))}`);
      }
      const texts = (this.#unfinished + this.#decoder.decode(value, { stream: true })).split("\n");
      this.#unfinished = texts.pop() ?? "";
      this.records.push(
        ...texts.filter((text) => text !== "").map((text) => JSON.parse(text) as StreamRecord),
      );
    }
    return this.records;
  }

  /** Until so many positions of a shard were read. */
  untilPositions(positions: number, shard = 0): Promise<readonly StreamRecord[]> {
    return this.until((records) => positionsOf(records, shard) >= positions);
  }

  untilEnd(): Promise<readonly StreamRecord[]> {
    return this.until((records) => records.at(-1)?.kind === "end");
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}

/** The text of a shard as a client has it; throws where a position is missing or comes twice. */
export function textRead(records: readonly StreamRecord[], shard = 0, from = 0): string {
  let text = "";
  let next = from;
  for (const record of records) {
    if (record.kind === "restart" && record.shard === shard) {
      text = "";
      next = 0;
    }
    if (record.kind === "finished" && record.shard === shard) text += record.rest;
    if (record.kind !== "parts" || record.shard !== shard) continue;
    if (record.start !== next) throw new Error(`position ${record.start} after ${next}`);
    next += record.parts.length;
    text += record.parts.map((part) => part.text).join("");
  }
  return text;
}

export const positionsOf = (records: readonly StreamRecord[], shard = 0): number =>
  records.reduce((next, record) => {
    if (record.kind === "restart" && record.shard === shard) return 0;
    return record.kind === "parts" && record.shard === shard ? record.start + record.parts.length : next;
  }, 0);
