import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { Generation, TokenPart } from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import type { TokenBlock } from "@infernet/schemas/llm/token-block";
import type { ModelManifest } from "@infernet/schemas/model";
import type { EngineOffer } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";

/**
 * What runs models on this machine. An engine is trusted with nothing but the model's files and a shard's rows; it fails
 * with an `EngineFailure`, which becomes the shard's reason. `engine-contract.ts` holds every implementation to this.
 */
export interface Engine {
  readonly offer: EngineOffer;
  /**
   * Makes a model ready to run. One session serves any number of shards; sessions of different models are independent.
   * @param dir the folder where each of the manifest's files lies under its `path`; stays until the session is closed
   */
  load(manifest: ModelManifest, dir: string): Promise<Session>;
}

/** What generates text. `generation-contract.ts` holds every implementation to this; it fails as an `Engine` does. */
export interface GenerationEngine {
  /** Of a server that others start and stop it changes; while it has no formats it is no offer. */
  readonly offer: EngineOffer;
  /**
   * Calls `listener` whenever `offer` has become another, until the function that it returns is called: the edge has to be
   * told then, by registering anew. Absent where an offer never changes.
   */
  onOffersChanged?(listener: () => void): () => void;
  loadGenerator(manifest: ModelManifest, dir: string): Promise<GenerationSession>;
}

export type AnyEngine = Engine | GenerationEngine;

/** Whether there is anything that it could run at present. */
export const isOffered = ({ offer }: Pick<AnyEngine, "offer">): boolean => offer.formats.length > 0;

export const isGenerationEngine = (engine: AnyEngine): engine is GenerationEngine =>
  "loadGenerator" in engine;

export interface GenerationSession {
  readonly execution_class: ExecutionClass;
  /** Completions that it works on at once; more wait. */
  readonly at_once_max: number;
  /**
   * Completes one request, or goes on with what is given of it: with a seed, in one execution class, the tokens are the same
   * wherever it is interrupted. What the model cannot do with the request, as a prompt that is too long, is an error in the
   * generation and no failure.
   */
  generate(request: GenerationRequest, options: GenerateOptions): Promise<GenerationRun>;
  /** Computes a given completion in one go and says what it would have chosen at each position; none where it cannot. */
  score: ((request: GenerationRequest, given: Given, options: RunOptions) => Promise<GenerationRun>) | null;
  close(): Promise<void>;
}

export interface GenerateOptions extends RunOptions {
  given: Given | null;
  /**
   * Told of each position after the given ones, once and in order, as soon as it is made, however often the engine has to
   * begin anew; `block` with the part that completes it, those with given positions included.
   */
  onPart?(part: TokenPart, block: TokenBlock | null): void;
}

export interface GenerationRun {
  generation: Generation;
  compute_ms: number;
  /** What was odd about it and no failure, for the machine's owner. */
  note?: string;
}

export interface Session {
  /** Known once loaded: precision is the model's own. */
  readonly execution_class: ExecutionClass;
  /**
   * Runs `rows` rows. Calls are worked in order, one at a time; a second call may be handed over ahead, so that the
   * engine never waits for the next shard. Outputs come in the manifest's order, with its datatypes and exactly
   * `rows` rows, or the call fails with `output_mismatch`.
   * @param inputs one tensor for each input of the model; a datatype that widens losslessly to the model's will do
   */
  run(inputs: Tensor[], rows: number, options: RunOptions): Promise<EngineRun>;
  /** Ends the session and everything it holds; calls in progress fail. */
  close(): Promise<void>;
}

export interface RunOptions {
  /** Time this shard may take in the engine, counted from when the engine takes it up. */
  timeout_ms: number;
  /** Nobody wants the answer any more: the call rejects with the signal's reason. */
  signal: AbortSignal;
}

export interface EngineRun {
  outputs: Tensor[];
  /** Time in the engine alone. */
  compute_ms: number;
}
