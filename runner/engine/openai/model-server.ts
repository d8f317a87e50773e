import { LIMITS } from "@infernet/schemas/limits";
import type { EngineOffer, ExecutionProvider } from "@infernet/schemas/runner";
import { Semaphore } from "../../semaphore.ts";
import { ServerUnusable } from "./ask-server.ts";
import { probeServer, type ServerIdentity, type ServerReading } from "./probe-server.ts";
import type { ServerAccess } from "./server-access.ts";

export interface ModelServerOptions {
  access: ServerAccess;
  /** The models that its owner offers; all of them where it names none. */
  only: readonly string[];
  /** Completions at once, where the owner says. */
  at_once: number | undefined;
  /** Of the machine; the server does not say what it computes on. */
  execution_provider: ExecutionProvider;
  /** Shorter in tests. */
  probe_ms?: number;
  rest_ms?: number;
}

/**
 * One server and what is known of it. It is offered while it answers; one that fails again and again at what it is asked
 * for is left alone for a while, whatever it says of itself.
 */
export class ModelServer {
  readonly access: ServerAccess;
  readonly #options: ModelServerOptions;
  #reading: ServerReading | null = null;
  /** What it is, kept while it is away for a moment. */
  #identity: ServerIdentity | null = null;
  #problem: string | null = null;
  #misses = 0;
  #strikes = 0;
  #rests_until_ms = 0;
  #probing: Promise<void> | null = null;
  #listeners = new Set<() => void>();
  #told = "";
  #timer: NodeJS.Timeout | undefined;
  #gate: Semaphore | null = null;

  constructor(options: ModelServerOptions) {
    this.access = options.access;
    this.#options = options;
  }

  /** Null while it does not answer. */
  get reading(): ServerReading | null {
    return this.#reading;
  }

  /** Why it is not offered; null while it is. */
  get problem(): string | null {
    return this.#isResting ? "it failed again and again; it is asked again after a while" : this.#problem;
  }

  get offer(): EngineOffer {
    const { execution_provider } = this.#options;
    const formats = this.#isResting ? [] : (this.#reading?.models ?? []);
    const version = this.#identity?.version ?? "server";
    // The server is its owner's own, and what it reads is text: nothing holds it to anything, so nothing is claimed.
    return { engine: "openai", version, execution_provider, formats, sandbox: "none" };
  }

  get at_once_max(): number {
    const said = this.#options.at_once ?? this.#identity?.at_once ?? LIMITS.openai_at_once_default;
    return Math.min(said, LIMITS.generations_at_once_max);
  }

  /** What all models of the server share: its turn to be asked. */
  get gate(): Semaphore {
    this.#gate ??= new Semaphore(this.at_once_max);
    return this.#gate;
  }

  /** Asks it what it has. It is taken to be gone when nothing listens, or when it was silent twice. */
  refresh(): Promise<void> {
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = null;
      this.#tell();
    });
    return this.#probing;
  }

  /** A completion came to its end: what was wrong is over. */
  noteSuccess(): void {
    this.#strikes = 0;
  }

  /** It failed at a completion. */
  noteFailure(): void {
    this.#strikes += 1;
    if (this.#strikes >= LIMITS.openai_strikes_max) {
      // One more after the rest, and it rests again.
      this.#strikes = LIMITS.openai_strikes_max - 1;
      this.#rests_until_ms = performance.now() + (this.#options.rest_ms ?? LIMITS.openai_rest_ms);
      this.#tell();
    }
    void this.refresh();
  }

  /** Looks after it, and tells of every change of its offer, as long as somebody listens. */
  watch(listener: () => void): () => void {
    const own = (): void => listener();
    if (this.#listeners.size === 0) {
      this.#told = JSON.stringify(this.offer);
      this.#schedule();
    }
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) clearTimeout(this.#timer);
    };
  }

  get #isResting(): boolean {
    return performance.now() < this.#rests_until_ms;
  }

  async #probe(): Promise<void> {
    const { access, only } = this.#options;
    const signal = AbortSignal.timeout(LIMITS.openai_probe_ms_max);
    const known = this.#reading === null ? null : this.#identity;
    try {
      this.#reading = await probeServer(access, only, known, signal);
      this.#identity = this.#reading;
      this.#misses = 0;
      this.#problem = this.#reading.models.length > 0 ? null : "it has no model that is offered";
    } catch (error) {
      this.#misses += 1;
      this.#problem = error instanceof ServerUnusable ? error.message : "it does not answer in time";
      const isSlow = !(error instanceof ServerUnusable);
      if (!isSlow || this.#misses > 1) this.#reading = null;
    }
  }

  #schedule(): void {
    this.#timer = setTimeout(async () => {
      await this.refresh();
      if (this.#listeners.size > 0) this.#schedule();
    }, this.#options.probe_ms ?? LIMITS.openai_probe_ms).unref();
  }

  #tell(): void {
    const now = JSON.stringify(this.offer);
    if (now === this.#told) return;
    this.#told = now;
    for (const listener of this.#listeners) listener();
  }
}
