import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeHalves } from "@infernet/schemas/half";
import type * as ort from "onnxruntime-node";
import { EngineFailure } from "../engine-failure.ts";
import { assertRepeatable } from "../onnx/assert-repeatable.ts";
import { ortFailure } from "../onnx/ort-failure.ts";
import { readContents } from "../onnx/read-contents.ts";
import { decidePrecision } from "../onnx/read-precision.ts";
import { sessionOptions } from "../onnx/session-options.ts";
import { addFreshOutputs, freshName } from "./add-fresh-outputs.ts";
import { DecoderConfig, type DecoderLayout, readLayout } from "./decoder-layout.ts";
import type { Elements, Fresh, KeyValueSlots } from "./key-value-slots.ts";
import type { LoadMessage } from "./load-message.ts";

type Ort = typeof ort;

/** Element types of TensorProto.DataType. */
const ELEMENT_TYPE = { float32: 1, float16: 10 } as const;

/** In larger files the products outweigh what is saved, and the model would be in memory several times while it loads. */
const FRESH_BYTES_MAX = 256 * 1024 ** 2;

export interface Computed {
  /** Of each row and each of its new tokens, one number for each token of the vocabulary. */
  logits: Float32Array;
  fresh: Fresh;
  ms: number;
}

/** A decoder-only model: computes new tokens on keys and values of those before them. */
export class Decoder {
  readonly layout: DecoderLayout;
  readonly precision: string;
  readonly #runtime: Ort;
  readonly #session: ort.InferenceSession;
  /** Whether it hands out new positions alone. */
  readonly #isFresh: boolean;
  readonly #outputs: readonly string[];

  private constructor(
    runtime: Ort,
    session: ort.InferenceSession,
    { layout, precision }: Pick<Decoder, "layout" | "precision">,
  ) {
    this.#runtime = runtime;
    this.#session = session;
    this.layout = layout;
    this.precision = precision;
    this.#isFresh = layout.presents.every((name) => session.outputNames.includes(freshName(name)));
    this.#outputs = this.#isFresh ? layout.presents.map(freshName) : layout.presents;
  }

  /** @throws EngineFailure */
  static async open(runtime: Ort, { dir, entry, ...message }: LoadMessage): Promise<Decoder> {
    const file = join(dir, entry);
    const config = await readConfig(join(dir, "config.json"));
    const bytes = await readFile(file);
    const contents = readContents(bytes);
    assertRepeatable(contents);
    const options = sessionOptions({ ...message, graph_optimization: "all" });
    const plain = await runtime.InferenceSession.create(file, options).catch((error: unknown) => {
      const { code, detail } = ortFailure(error, "model_unloadable");
      throw new EngineFailure(code, `the model does not load: ${detail}`);
    });
    const layout = readLayout(plain.inputMetadata, plain.outputMetadata, config);
    const precision = decidePrecision(contents) ?? (layout.logits === "float32" ? "fp32" : "fp16");
    const fresh = await openFresh(runtime, bytes, { layout, options });
    if (fresh) await plain.release();
    return new Decoder(runtime, fresh ?? plain, { layout, precision });
  }

  /**
   * Computes `count` new tokens for each of `rows` rows of the slots, which stay as they are.
   *
   * @param tokens those of one row after those of the other
   * @param lengths positions of each row that the new tokens follow on
   */
  async compute(
    slots: KeyValueSlots,
    row: number,
    tokens: readonly number[],
    lengths: readonly number[],
  ): Promise<Computed> {
    const { pasts, heads, width } = this.layout;
    const rows = lengths.length;
    const count = tokens.length / rows;
    const shape = [rows, heads, slots.past, width];
    const feeds: Record<string, ort.Tensor> = {
      input_ids: this.#integers(BigInt64Array.from(tokens, BigInt), [rows, count]),
      attention_mask: this.#integers(maskOf(lengths, slots.past, count), [rows, slots.past + count]),
    };
    if (this.layout.takesPositions)
      feeds.position_ids = this.#integers(positionsOf(lengths, count), [rows, count]);
    for (const [i, view] of slots.views(row, rows).entries()) {
      const name = pasts[i];
      if (name !== undefined) feeds[name] = this.#floats(view, shape);
    }
    const started = performance.now();
    const results = await this.#session.run(feeds, ["logits", ...this.#outputs]).catch((error: unknown) => {
      const { code, detail } = ortFailure(error, "engine_error");
      throw new EngineFailure(code, detail);
    });
    const ms = performance.now() - started;
    const fresh = {
      lanes: this.#outputs.map((name) => elementsOf(results[name])),
      positions: this.#isFresh ? count : slots.past + count,
      start: this.#isFresh ? 0 : slots.past,
    };
    return { logits: numbersOf(elementsOf(results.logits)), fresh, ms };
  }

  #integers(values: BigInt64Array, dims: number[]): ort.Tensor {
    return new this.#runtime.Tensor("int64", values, dims);
  }

  #floats(values: Elements, dims: number[]): ort.Tensor {
    if (values instanceof Float32Array) return new this.#runtime.Tensor("float32", values, dims);
    return new this.#runtime.Tensor("float16", values, dims);
  }
}

/** Null for what does as it is: large models, and those whose weights lie in a second file. */
async function openFresh(
  runtime: Ort,
  bytes: Uint8Array,
  { layout, options }: { layout: DecoderLayout; options: ort.InferenceSession.SessionOptions },
): Promise<ort.InferenceSession | null> {
  if (bytes.length > FRESH_BYTES_MAX) return null;
  const whole = addFreshOutputs(bytes, layout.presents, ELEMENT_TYPE[layout.cache]);
  return runtime.InferenceSession.create(whole, options).catch(() => null);
}

async function readConfig(path: string): Promise<DecoderConfig> {
  try {
    return DecoderConfig.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    throw new EngineFailure("model_unloadable", `its config.json cannot be used: ${error}`, { cause: error });
  }
}

function elementsOf(tensor: ort.Tensor | undefined): Elements {
  const data = tensor?.data;
  if (data instanceof Float32Array || data instanceof Uint16Array) return data as Elements;
  throw new EngineFailure("output_mismatch", "the model does not give the floats that its outputs promise");
}

/** @throws EngineFailure where one is none: a choice among those would be no choice */
function numbersOf(elements: Elements): Float32Array {
  const logits = elements instanceof Float32Array ? elements : decodeHalves(elements);
  if (!logits.includes(Number.NaN)) return logits;
  throw new EngineFailure(
    "output_mismatch",
    "the model's logits are not numbers (NaN): the request is outside what it can compute, or its weights are damaged",
  );
}

/** New tokens stand behind all room that there is for the past, wherever the past of their row ends. */
function maskOf(lengths: readonly number[], past: number, count: number): BigInt64Array {
  const mask = new BigInt64Array(lengths.length * (past + count));
  for (const [row, length] of lengths.entries()) {
    const at = row * (past + count);
    mask.fill(1n, at, at + length);
    mask.fill(1n, at + past, at + past + count);
  }
  return mask;
}

function positionsOf(lengths: readonly number[], count: number): BigInt64Array {
  const positions = new BigInt64Array(lengths.length * count);
  for (const [row, length] of lengths.entries())
    for (let i = 0; i < count; i++) positions[row * count + i] = BigInt(length + i);
  return positions;
}
