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
