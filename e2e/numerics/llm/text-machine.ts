import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { Completion, Generation } from "@infernet/schemas/llm/generation";
import { isCompletion } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { locateOnnxRuntime } from "infernet-runner/engine/install/onnx-runtime";
import { Generator } from "infernet-runner/engine/llm/generator";
import type { GraphOptimization } from "infernet-runner/engine/onnx/load-message";
import { openRuntime, RUNTIME_VARIABLE, versionOf } from "infernet-runner/engine/onnx/open-runtime";
import * as web from "onnxruntime-web";
import type { z } from "zod";

/** Tokens of prompt and completion together: more than the test model was trained on, which its positions allow. */
export const CONTEXT_TOKENS = 512;

export interface MachineOptions {
  /** A model in Hugging Face layout. */
  dir: string;
  threads?: number;
  graph_optimization?: z.infer<typeof GraphOptimization>;
  /** WebAssembly instead of the CPU's own instructions. */
  isWeb?: boolean;
  /** Requests worked on together. */
  at_once?: number;
  /** Whether it checks as it would generate, block by block and token by token, and not in one go. */
  isStepwise?: boolean;
}

/** The runner's own generator, in this process, set up as a machine may be. */
export class TextMachine {
  readonly execution_class: ExecutionClass;
  /** Time in the engine alone, of everything so far. */
  compute_ms = 0;
  readonly #generator: Generator;
  readonly #options: MachineOptions;

  private constructor(generator: Generator, execution_class: ExecutionClass, options: MachineOptions) {
    this.#generator = generator;
    this.execution_class = execution_class;
    this.#options = options;
  }

  static async open(options: MachineOptions): Promise<TextMachine> {
    const { dir, threads = 1, graph_optimization = "all", isWeb = false } = options;
    const located = locateOnnxRuntime(null);
    if (located === null) throw new Error("ONNX Runtime is not installed beside the runner");
    process.env[RUNTIME_VARIABLE] = located.dir;
    const native = openRuntime();
    const { InferenceSession, Tensor } = isWeb ? web : native;
    const own = isWeb ? { executionProviders: ["wasm"] } : {};
    web.env.wasm.numThreads = 1;
    const create = (file: string | Uint8Array, given: web.InferenceSession.SessionOptions) => {
      const settings = { ...given, graphOptimizationLevel: graph_optimization, ...own };
      return typeof file === "string"
        ? InferenceSession.create(file, settings)
        : InferenceSession.create(file, settings);
    };
    const runtime = { ...native, Tensor, InferenceSession: { ...InferenceSession, create } } as typeof native;
    const generator = await Generator.open(runtime, {
      dir,
      entry: "onnx/model.onnx",
      context_tokens: CONTEXT_TOKENS,
      cache_bytes_max: 256 * 1024 ** 2,
      threads,
      provider: "cpu",
    });
    const version = isWeb ? `${web.env.versions.web}/wasm` : `${versionOf(native)}/cpu`;
    const name = ExecutionClass.parse(`llm/${version}/${generator.precision}`);
    return new TextMachine(generator, name, options);
  }

  generate(requests: readonly GenerationRequest[]): Promise<Completion[]> {
    return this.#work("generate", requests, () => null);
  }

  /** Goes on with what is given of each completion. */
  goOn(
    requests: readonly GenerationRequest[],
    given: readonly Completion[],
    positions: number,
  ): Promise<Completion[]> {
    return this.#work("generate", requests, (i) => givenOf(given[i], positions));
  }

  /** What an auditor says of answers. */
  check(requests: readonly GenerationRequest[], given: readonly Completion[]): Promise<Completion[]> {
    if (!this.#options.isStepwise)
      return this.#work("score", requests, (i) => givenOf(given[i], Number.POSITIVE_INFINITY));
    return this.#work("generate", requests, (i) => givenOf(given[i], -1));
  }

  async #work(
    task: "generate" | "score",
    requests: readonly GenerationRequest[],
    givenAt: (index: number) => Given | null,
  ): Promise<Completion[]> {
    const { at_once = 16 } = this.#options;
    const done = new Map<number, Generation>();
    for (let start = 0; start < requests.length; start += at_once) {
      for (const [i, request] of requests.slice(start, start + at_once).entries())
        this.#generator.add({ kind: "run", run: start + i, task, request, given: givenAt(start + i) });
      while (!this.#generator.isIdle) {
        const round = await this.#generator.round();
        for (const { run, generation, compute_ms } of round.done) {
          done.set(run, generation);
          this.compute_ms += compute_ms;
        }
        for (const { detail } of round.failed) throw new Error(detail);
      }
    }
    return requests.map((_, i) => {
      const generation = done.get(i);
      if (generation === undefined || !isCompletion(generation))
        throw new Error(`request ${i} came to ${JSON.stringify(generation)}`);
      return generation;
    });
  }
}

/** @param positions the end of those that are given, from the last one where it is negative */
function givenOf(completion: Completion | undefined, positions: number): Given {
  const tokens = completion?.tokens?.slice(0, positions) ?? [];
  return { tokens, positions: tokens.length, text: completion?.text ?? "" };
}
