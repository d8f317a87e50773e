import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor } from "@infernet/schemas/tensor";
import type { EngineRun, RunOptions, Session } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { ChildLife, type ChildLifeOptions, type LifeEnd } from "./child-life.ts";
import type { FromChild, ToChild } from "./child-message.ts";

export type ChildSessionOptions = Omit<ChildLifeOptions<FromChild, ToChild>, "work">;

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
  readonly #life: ChildLife<FromChild, ToChild>;
  /** In the order of the calls; the first is the one the child works on. */
  #runs: Run[] = [];
  #runsMade = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerOwner: Run | null = null;

  private constructor(options: ChildSessionOptions) {
    this.#life = new ChildLife(
      { ...options, work: "running a shard" },
      {
        onMessage: (message) => this.#onMessage(message),
        onGone: (end, failure) => this.#onGone(end, failure),
        onFailed: (failure) => this.#failAll(failure),
      },
    );
  }

  /** @throws EngineFailure */
  static async load(options: ChildSessionOptions): Promise<ChildSession> {
    const session = new ChildSession(options);
    await session.#life.load();
    return session;
  }

  get execution_class(): ExecutionClass {
    return this.#life.execution_class;
  }

  /** Process id of the child, for those who watch it. */
  get pid(): number | undefined {
    return this.#life.pid;
  }

  /** Whether its process has the model ready, for those who watch it. */
  get isLoaded(): boolean {
    return this.#life.isLoaded;
  }

  run(inputs: Tensor[], rows: number, { timeout_ms, signal }: RunOptions): Promise<EngineRun> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (this.#life.isClosed) return reject(new EngineFailure("engine_error", "the session is closed"));
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
      this.#life.wake();
      this.#advance();
    });
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  #onMessage(message: FromChild): void {
    switch (message.kind) {
      case "ready":
        return;
      case "loaded":
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
        message.run === null ? this.#life.fail(failure) : this.#finish(message.run, failure);
        return;
      }
      default:
        message satisfies never;
    }
  }

  #onGone(end: LifeEnd, failure: EngineFailure): void {
    this.#limitNone();
    const [first] = this.#runs;
    if (first?.isSent && !(end === "killed" && mayBeginAnew(first))) {
      this.#runs.shift();
      first.settle(failure);
    }
    for (const run of this.#runs) run.isSent = false;
    if (this.#runs.length > 0) this.#life.wake();
  }

  /** Sends what has not been sent and times the first. */
  #advance(): void {
    if (!this.#life.isLoaded) return;
    for (const run of this.#runs) {
      if (run.isSent) continue;
      run.isSent = true;
      this.#life.send({ kind: "run", run: run.id, rows: run.rows, inputs: run.inputs });
    }
    const [first] = this.#runs;
    if (!first) {
      this.#limitNone();
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
    if (run.isSent) this.#life.send({ kind: "cancel", run: run.id });
    if (run.isSent && run === this.#runs[0]) {
      this.#limit(run, LIMITS.engine_cancel_ms_max, "an unwanted shard did not stop within");
    } else {
      this.#runs = this.#runs.filter((other) => other !== run);
    }
  }

  #limit(owner: Run, ms: number, exceeded: string): void {
    clearTimeout(this.#timer);
    this.#timerOwner = owner;
    this.#timer = setTimeout(
      () => this.#life.kill(new EngineFailure("engine_timeout", `${exceeded} ${Math.round(ms)} ms`)),
      ms,
    );
  }

  #limitNone(): void {
    clearTimeout(this.#timer);
    this.#timerOwner = null;
  }

  #failAll(failure: EngineFailure): void {
    const runs = this.#runs;
    this.#runs = [];
    for (const run of runs) run.settle(failure);
    this.#limitNone();
  }
}

/** Counts the kill. */
const mayBeginAnew = (run: Run): boolean => !run.isAbandoned && run.kills++ < LIMITS.engine_kills_max;
