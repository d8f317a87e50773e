import { availableParallelism } from "node:os";
import { explainMissing, openEngines } from "./engine/open-engines.ts";
import * as inside from "./runner.ts";
import { RunnerError } from "./runner-error.ts";

/** How a runner is to work. */
export interface RunnerOptions {
  /** Base address of the edge, as in `https://edge.example`. */
  edge: string;
  /** Folder of the identity, the cache and the lock; made when missing. One runner at a time. */
  home: string;
  /** Threads of one model; else one for each core. */
  threads?: number;
  /** A name that people see. */
  name?: string;
  /** Who runs it, and where its earnings go: runners that share one of these never check each other. */
  owner?: string;
  payout?: string;
  /** Most bytes of models and inputs kept on disk. */
  cache_bytes_max?: number;
  /** Told what goes on; the README lists the events and their fields. */
  onEvent?(event: RunnerEvent): void;
}

/** What `start --json` prints, without the time. */
export interface RunnerEvent {
  event: string;
  [field: string]: unknown;
}

export interface Runner {
  /** Its public key: `run_` and base32. */
  readonly id: string;
  /** Works until drained or killed, then frees the home. Rejects when the edge refuses the runner, or bans it. */
  run(): Promise<void>;
  /** Takes no more work, finishes or hands back what it has, and ends. */
  drain(): void;
  /** Ends at once and leaves its leases to expire. */
  kill(): void;
}

/**
 * A runner inside another program, with every engine that works on this machine. Installs the one for ONNX models, when
 * it is missing, into the home. Rejects when no engine works, or the home cannot be used.
 */
export async function createRunner({ threads, onEvent, ...options }: RunnerOptions): Promise<Runner> {
  const { engines, missing } = await openEngines({
    home: options.home,
    threads: threads ?? availableParallelism(),
    memory_bytes_max: null,
  });
  if (engines.length === 0) throw new RunnerError("engine_missing", explainMissing(missing));
  return inside.createRunner({ ...options, engines, missing, log: (event) => onEvent?.({ ...event }) });
}

/** What a provider must be; what is absent does not matter. Where it is none of the kinds, `findProviders` rejects with a `TypeError`. */
export interface ProviderQuery {
  /** sha256 of the model's manifest: it has the model's files. */
  model?: string;
  engine?: "onnx" | "wasm" | "oci" | "llm" | "openai" | "embeddings";
  execution_provider?: "cpu" | "webgpu" | "cuda";
  sandbox_min?: "none" | "process" | "bwrap" | "oci" | "gvisor";
  /** Of its largest GPU, in GiB as it is sold. */
  vram_gib_min?: number;
  memory_bytes_min?: number;
  regions?: string[];
  /** For an hour of a core, in micro-units as a decimal string. */
  micro_per_core_hour_max?: string;
  payment?: "free" | "voucher";
  service?: "blob" | "job" | "lease" | "relay";
  /** Takes work now. */
  open?: boolean;
  /** Networks (`net_...`) whose word counts, and the least that each of them which says anything must say. */
  trusted?: { networks: string[]; score_min: number };
}

export interface FindProvidersOptions {
  /** Edge that names peers to begin with, where `bootstrap` names none. */
  edge?: string;
  /** Addresses that end in `/p2p/<PeerId>`. */
  bootstrap?: readonly string[];
  /** Most providers; all where nothing is said. */
  limit?: number;
  /** How long to look: 30 seconds where nothing is said. */
  timeout_ms?: number;
  signal?: AbortSignal;
}

export interface FoundProvider {
  /** Its public key: `run_` and base32. */
  id: string;
  availability: "open" | "busy" | "paused";
  /** By the networks of `trusted`, the lowest of what they say; null where none of them knows it. */
  score: number | null;
  /** Multiaddrs. */
  addresses: string[];
  /** All that it says of itself, as docs/discovery.md describes it; it has signed it, and nobody has checked it. */
  record: Readonly<Record<string, unknown>>;
  /** What networks say of it, each signed by the network that it names. */
  attestations: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Providers in the network of peers that fit, as they are found, each once; ends when nobody is left to be asked. Goes there with a
 * key of its own that is forgotten afterwards. Rejects where nobody is named to begin with, and where none of those answers.
 */
export async function* findProviders(
  query: ProviderQuery,
  options: FindProvidersOptions,
): AsyncGenerator<FoundProvider> {
  const { findForProgram } = await import("./find/find-for-program.ts");
  yield* findForProgram(query, options);
}

/** A tensor in the vocabulary of the Open Inference Protocol v2: its first dimension counts rows, its bytes are little-endian. */
export interface Tensor {
  name: string;
  datatype:
    | "BOOL"
    | "UINT8"
    | "UINT16"
    | "UINT32"
    | "UINT64"
    | "INT8"
    | "INT16"
    | "INT32"
    | "INT64"
    | "FP16"
    | "FP32"
    | "FP64"
    | "BYTES";
  shape: number[];
  data: Uint8Array<ArrayBuffer>;
}

/** Whom a client of direct jobs asks, and how it pays. */
export interface DirectOptions {
  /** Folder of this client's key, its offers and its receipts; made when missing. */
  home: string;
  /** The one provider that is asked: its id, or an address that ends in `/p2p/<PeerId>`. Else those that are found. */
  provider?: string;
  /** Addresses of peers to begin with. */
  bootstrap?: readonly string[];
  /** An edge that knows models by name, and peers to begin with. */
  edge?: string;
  /** Whether peers of the local network are looked for. */
  local?: boolean;
  /** Pays by vouchers on an escrow that this client's key has opened; else jobs are to be free. */
  escrow?: { address: string; endpoints: readonly string[]; genesis_hash: string; program: string };
}

/** One small job. */
export interface DirectJob {
  /** Digest of the model, a name that the edge knows, or the file of its manifest (`.json`). */
  model: string;
  inputs: Tensor[];
  /** The most that it may cost, in micro-units, as a decimal string; "0" where nothing is said. */
  price_micro_max?: string;
  /** How long the offer holds, in milliseconds; a minute where nothing is said, at most ten. */
  patience_ms?: number;
  signal?: AbortSignal;
}

/** What came of a direct job. Nobody has checked it but for its commitment: compute it again to be sure. */
export interface DirectResult {
  /** Who has done it: `run_` and base32. */
  provider: string;
  outputs: Tensor[];
  price_micro: string;
  /** Time in the provider's engine, by its word. */
  compute_ms: number;
  /** The receipt that both have signed: `infernet-runner verify` says what it proves. */
  receipt_path: string;
}

/** An open client of direct jobs: what it has open with a provider stays open from job to job. */
export interface DirectClient {
  /** What providers know it by, for their `direct.allow`. */
  readonly id: string;
  /**
   * Has a job done. The same job, asked for again after an error, is the same offer, and is paid for once. Rejects with an error whose
   * `code` is a provider's refusal, or says what else kept it.
   */
  run(job: DirectJob): Promise<DirectResult>;
  close(): Promise<void>;
}

/** Opens a client of direct jobs: a small job goes to a peer, without an account and without an edge. */
export async function openDirect(options: DirectOptions): Promise<DirectClient> {
  const { openDirectLibrary } = await import("./direct/open-direct-library.ts");
  return openDirectLibrary(options);
}

/** One direct job, from nothing to its answer. */
export async function runDirect(options: DirectOptions & DirectJob): Promise<DirectResult> {
  const client = await openDirect(options);
  try {
    return await client.run(options);
  } finally {
    await client.close();
  }
}
