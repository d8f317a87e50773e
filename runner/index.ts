import { createOnnxEngine } from "./engine/onnx/onnx-engine.ts";
import * as inside from "./runner.ts";
import { plainSandbox } from "./sandbox/plain-sandbox.ts";

/** How a runner is to work. */
export interface RunnerOptions {
  /** Base address of the edge, as in `https://edge.example`. */
  edge: string;
  /** Folder of the identity, the cache and the lock; made when missing. One runner at a time. */
  home: string;
  /** Threads of one model. */
  threads: number;
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

/** A runner inside another program. Rejects when no engine works on this machine, or the home cannot be used. */
export async function createRunner({ threads, onEvent, ...options }: RunnerOptions): Promise<Runner> {
  const engines = [await createOnnxEngine({ sandbox: plainSandbox, threads })];
  return inside.createRunner({ ...options, engines, log: (event) => onEvent?.({ ...event }) });
}
