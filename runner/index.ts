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
