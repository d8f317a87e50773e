import { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import type { Engine as EngineName } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import type { EngineRun, RunOptions, Session } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { type ChildEnd, END_CODES } from "./child-end.ts";
import type { FromChild } from "./child-message.ts";
import type { EngineChild, EngineChildEvents } from "./start-child.ts";

export interface ChildSessionOptions {
  /** As it stands in the execution class. */
  engine: EngineName;
  /** What the child gets to load. */
  model: unknown;
  start(events: EngineChildEvents): EngineChild;
}

interface Run {
  readonly id: number;
  readonly inputs: Tensor[];
  readonly rows: number;
  readonly timeout_ms: number;
  isSent: boolean;
  /** Nobody waits for it any more; the process still works on it. */
  isAbandoned: boolean;
  /** Times that something outside has killed the process it was in. */
  kills: number;
  /** Settles the caller's promise; later calls do nothing. */
  settle(result: EngineRun | Error): void;
}

/**
 * One model in one child process. Runs are sent ahead, so that the child finds the next one waiting; a run that exceeds
 * its time, or that nobody wants any more and does not stop, costs the process: it is killed, and the runs behind it go
 * to a fresh one. So does a run whose process something outside has killed, which says nothing about the run; it is begun
 * anew a few times, for the killer may be a kernel that is out of memory because of it.
 */
export class ChildSession implements Session {
  execution_class = ExecutionClass.parse("unknown/unknown/unknown/unknown");
  /** Process id of the child, for those who watch it. */
  pid: number | undefined;
  readonly #options: ChildSessionOptions;
  #child: EngineChild | null = null;
  #isLoaded = false;
  #isClosed = false;
  #version = "unknown";
  /** In the order of the calls; the first is the one the child works on. */
  #runs: Run[] = [];
  #runsMade = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerOwner: Run | "load" | null = null;
  /** A model that has been loaded once should load again: what keeps it from that may pass. */
  #hasBeenLoaded = false;
  /** Times in a row that a process ended before the model was loaded and was started anew. */
  #loadsMissed = 0;
  /** Why the child is about to be killed, when it is we who do it. */
  #killedFor: EngineFailure | null = null;
  #onLoaded: ((failure: EngineFailure | null) => void) | null = null;
  #onGone: (() => void) | null = null;

  private constructor(options: ChildSessionOptions) {
    this.#options = options;
  }

  static async load(options: ChildSessionOptions): Promise<ChildSession> {
    const session = new ChildSession(options);
    const failure = await new Promise<EngineFailure | null>((resolve) => {
      session.#onLoaded = resolve;
      session.#start();
    });
    if (failure) {
      await session.close();
      throw failure;
    }
    return session;
  }

  run(inputs: Tensor[], rows: number, { timeout_ms, signal }: RunOptions): Promise<EngineRun> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (this.#isClosed) return reject(new EngineFailure("engine_error", "the session is closed"));
      const onAbort = (): void => this.#abandon(run, signal.reason);
      const settle = (result: EngineRun | Error): void => {
        signal.removeEventListener("abort", onAbort);
        result instanceof Error ? reject(result) : resolve(result);
      };
      const run: Run = {
        id: this.#runsMade++,
        inputs,
        rows,
        timeout_ms,
        isSent: false,
        isAbandoned: false,
        kills: 0,
        settle,
      };
      signal.addEventListener("abort", onAbort);
      this.#runs.push(run);
      this.#child ? this.#advance() : this.#start();
    });
  }

  /** Whether its process has the model ready, for those who watch it. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#failAll(new EngineFailure("engine_error", "the session was closed"));
    const child = this.#child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      this.#onGone = resolve;
      child.kill();
    });
  }

  #start(): void {
    this.#isLoaded = false;
    this.#killedFor = null;
    const child = this.#options.start({
      onMessage: (message) => this.#onMessage(message),
      onExit: (how, cause) => this.#onExit(how, cause),
    });
    this.#child = child;
    this.pid = child.pid;
    this.#limit("load", LIMITS.engine_load_ms_max, "the model took longer to load than");
    child.send({ kind: "load", model: this.#options.model });
  }

  #onMessage(message: FromChild): void {
    switch (message.kind) {
      case "ready":
        this.#version = message.version;
        return;
      case "loaded":
        this.execution_class = ExecutionClass.parse(
          `${this.#options.engine}/${this.#version}/${message.execution_provider}/${message.precision}`,
        );
        this.#isLoaded = true;
        this.#hasBeenLoaded = true;
        this.#loadsMissed = 0;
        this.#tellLoaded(null);
        this.#advance();
        return;
      case "done":
        this.#finish(message.run, { outputs: message.outputs, compute_ms: message.compute_ms });
        return;
      case "canceled":
        this.#finish(message.run, new EngineFailure("engine_error", "canceled"));
        return;
      case "failed": {
        const failure = new EngineFailure(message.code, message.detail);
        if (message.run !== null) {
          this.#finish(message.run, failure);
        } else {
          this.#failAll(failure);
          this.#kill(failure);
        }
        return;
      }
      default:
        message satisfies never;
    }
  }

  #onExit(how: string, cause: ChildEnd["kind"] | EngineFailure): void {
    this.#child = null;
    this.pid = undefined;
    clearTimeout(this.#timer);
    this.#timerOwner = null;
    if (this.#isClosed) {
      this.#onGone?.();
      return;
    }
    const wasLoaded = this.#isLoaded;
    this.#isLoaded = false;
    const isKilled = cause === "killed" && this.#killedFor === null;
    const phase = wasLoaded ? "while running a shard" : "while loading the model";
    const ended =
      cause instanceof EngineFailure
        ? cause
        : new EngineFailure(END_CODES[cause], `the engine's process ${how} ${phase}`);
    const failure = this.#killedFor ?? ended;
    if (!wasLoaded) {
      const mayPass = isKilled || (this.#hasBeenLoaded && this.#killedFor === null);
      if (mayPass && this.#loadsMissed++ < LIMITS.engine_kills_max) {
        this.#start();
      } else {
        this.#tellLoaded(failure);
        this.#failAll(failure);
      }
      return;
    }
    const [first] = this.#runs;
    if (first?.isSent && !(isKilled && mayBeginAnew(first))) {
      this.#runs.shift();
      first.settle(failure);
    }
    for (const run of this.#runs) run.isSent = false;
    if (this.#runs.length > 0) this.#start();
  }

  /** Sends what has not been sent and times the first. */
  #advance(): void {
    if (!this.#isLoaded) return;
    for (const run of this.#runs) {
      if (run.isSent) continue;
      run.isSent = true;
      this.#child?.send({ kind: "run", run: run.id, rows: run.rows, inputs: run.inputs });
    }
    const [first] = this.#runs;
    if (!first) {
      clearTimeout(this.#timer);
      this.#timerOwner = null;
    } else if (this.#timerOwner !== first) {
      this.#limit(first, first.timeout_ms, "the shard took longer in the engine than");
    }
  }

  #finish(id: number, result: EngineRun | Error): void {
    const run = this.#runs.find((candidate) => candidate.id === id);
    if (!run) return;
    this.#runs = this.#runs.filter((other) => other !== run);
    run.settle(result);
    this.#advance();
  }

  /** Tells the caller at once. A run in the child stays first in line, under a short time, until the child lets go. */
  #abandon(run: Run, reason: unknown): void {
    run.isAbandoned = true;
    run.settle(reason instanceof Error ? reason : new Error(String(reason)));
    if (run.isSent) this.#child?.send({ kind: "cancel", run: run.id });
    if (run.isSent && run === this.#runs[0]) {
      this.#limit(run, LIMITS.engine_cancel_ms_max, "an unwanted shard did not stop within");
    } else {
      this.#runs = this.#runs.filter((other) => other !== run);
    }
  }

  #limit(owner: Run | "load", ms: number, exceeded: string): void {
    clearTimeout(this.#timer);
    this.#timerOwner = owner;
    this.#timer = setTimeout(
      () => this.#kill(new EngineFailure("engine_timeout", `${exceeded} ${Math.round(ms)} ms`)),
      ms,
    );
  }

  #kill(failure: EngineFailure): void {
    this.#killedFor = failure;
    this.#child?.kill();
  }

  #failAll(failure: EngineFailure): void {
    const runs = this.#runs;
    this.#runs = [];
    for (const run of runs) run.settle(failure);
    clearTimeout(this.#timer);
    this.#timerOwner = null;
  }

  #tellLoaded(failure: EngineFailure | null): void {
    this.#onLoaded?.(failure);
    this.#onLoaded = null;
  }
}

/** Counts the kill. */
const mayBeginAnew = (run: Run): boolean => !run.isAbandoned && run.kills++ < LIMITS.engine_kills_max;
