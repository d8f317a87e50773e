import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { decodeHalves } from "@infernet/schemas/half";
import type * as ort from "onnxruntime-node";
import { EngineFailure } from "../engine-failure.ts";
import { assertRepeatable } from "../onnx/assert-repeatable.ts";
import { createSession } from "../onnx/create-session.ts";
import { ortFailure } from "../onnx/ort-failure.ts";
import { readContents } from "../onnx/read-contents.ts";
import { decidePrecision } from "../onnx/read-precision.ts";
import { sessionOptions } from "../onnx/session-options.ts";
import type { EncodedText } from "./encode-texts.ts";
import type { LoadMessage } from "./load-message.ts";

type Ort = typeof ort;

const INPUTS = ["input_ids", "attention_mask", "token_type_ids"] as const;
/** In the order of preference: pooled by the model itself, or of each token. */
const OUTPUTS = ["sentence_embedding", "last_hidden_state"] as const;

/** How texts come to be as long as each other: with tokens that the mask leaves out. */
export interface Fill {
  length: number;
  /** The token that fills up. */
  padding: number;
}

/** What an encoder says of the texts of one call. */
export interface Encoded {
  values: Float32Array;
  /** Numbers of a text that is pooled already, or of one token. */
  width: number;
  isPooled: boolean;
  ms: number;
}

/** An encoder in Hugging Face layout: tokens in, hidden states out. */
export class Encoder {
  readonly precision: string;
  readonly #runtime: Ort;
  readonly #session: ort.InferenceSession;
  readonly #output: (typeof OUTPUTS)[number];

  private constructor(runtime: Ort, session: ort.InferenceSession, precision: string) {
    this.#runtime = runtime;
    this.#session = session;
    this.precision = precision;
    this.#output = assertTensors(session);
  }

  /** @throws EngineFailure `model_unloadable` */
  static async open(runtime: Ort, { dir, entry, ...message }: LoadMessage): Promise<Encoder> {
    const file = join(dir, entry);
    const options = sessionOptions({ ...message, graph_optimization: "all" });
    const session = await createSession(runtime, file, options);
    const contents = readContents(await readFile(file));
    assertRepeatable(contents);
    return new Encoder(runtime, session, decidePrecision(contents) ?? "fp32");
  }

  async encode(texts: readonly EncodedText[], fill: Fill): Promise<Encoded> {
    const { length } = fill;
    const feeds = this.#feed(texts, fill);
    const started = performance.now();
    const results = await this.#session.run(feeds, [this.#output]).catch((error: unknown) => {
      const { code, detail } = ortFailure(error, "engine_error");
      throw new EngineFailure(code, detail);
    });
    const ms = performance.now() - started;
    const states = results[this.#output];
    if (!states) throw new EngineFailure("output_mismatch", `the model gave no '${this.#output}'`);
    const isPooled = this.#output === "sentence_embedding";
    const shape = isPooled ? [texts.length] : [texts.length, length];
    const width = states.dims.at(-1) ?? 0;
    if (JSON.stringify(states.dims) !== JSON.stringify([...shape, width]))
      throw new EngineFailure(
        "output_mismatch",
        `'${this.#output}' has the shape [${states.dims}] for ${texts.length} texts of ${length} tokens`,
      );
    return { values: floatsOf(states), width, isPooled, ms };
  }

  #feed(texts: readonly EncodedText[], { length, padding }: Fill): Record<string, ort.Tensor> {
    const tensorOf = (element: (text: EncodedText, i: number) => number, rest = 0): ort.Tensor => {
      const data = new BigInt64Array(texts.length * length).fill(BigInt(rest));
      for (const [row, text] of texts.entries()) {
        for (let i = 0; i < text.ids.length; i++) data[row * length + i] = BigInt(element(text, i));
      }
      return new this.#runtime.Tensor("int64", data, [texts.length, length]);
    };
    const all = {
      input_ids: () => tensorOf(({ ids }, i) => ids[i] ?? 0, padding),
      attention_mask: () => tensorOf(() => 1),
      token_type_ids: () => tensorOf(({ token_types }, i) => token_types[i] ?? 0),
    };
    const wanted = INPUTS.filter((name) => this.#session.inputNames.includes(name));
    return Object.fromEntries(wanted.map((name) => [name, all[name]()]));
  }
}

/** @returns the output that is read */
function assertTensors({ inputNames, outputNames }: ort.InferenceSession): (typeof OUTPUTS)[number] {
  const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");
  const needed = INPUTS.slice(0, 2).filter((name) => !inputNames.includes(name));
  if (needed.length > 0)
    throw new EngineFailure(
      "model_unloadable",
      `the file has no input ${list(needed)}; it has ${list(inputNames)}`,
    );
  const unknown = inputNames.filter((name) => !INPUTS.some((known) => known === name));
  if (unknown.length > 0)
    throw new EngineFailure(
      "model_unloadable",
      `the file needs an input ${list(unknown)}, which encoders of texts do not have`,
    );
  const output = OUTPUTS.find((name) => outputNames.includes(name));
  if (output) return output;
  throw new EngineFailure(
    "model_unloadable",
    `the file has no output ${list(OUTPUTS)}; it has ${list(outputNames)}`,
  );
}

function floatsOf({ type, data }: ort.Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === "float16" && data instanceof Uint16Array) return decodeHalves(data);
  throw new EngineFailure(
    "output_mismatch",
    `the model gives elements of type ${type}; vectors are of floats`,
  );
}
