import { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import type { Engine as EngineName } from "@infernet/schemas/model";
import { EngineFailure } from "../engine-failure.ts";
import { type ChildEnd, END_CODES } from "./child-end.ts";
import type { Loaded, LoadMessage, Ready } from "./child-message.ts";
import type { EngineChild, EngineChildEvents } from "./start-child.ts";

/** What a child may say: its version, then that it has the model, then what it makes of its work. */
type Said = Ready | Loaded | { kind: "done" | "canceled" | "failed" | "round" };

/** How a process ended: by something outside, by us, or by itself. */
export type LifeEnd = "killed" | "stopped" | "crashed";

export interface ChildLifeOptions<From, To> {
  /** As it stands in the execution class. */
  engine: EngineName;
  /** What the child gets to load. */
  model: unknown;
  /** What it does once it has the model, as in `running a shard`. */
  work: string;
  start(events: EngineChildEvents<From>): EngineChild<To | LoadMessage>;
}

/** What the life of a child tells the session that it belongs to. */
export interface ChildLifeEvents<From> {
  /** All that the child says. With `loaded`, the model is ready, be it for the first time or in a fresh process. */
  onMessage(message: From): void;
  /** A process that had the model is gone, and no other is started unless `wake` asks for it. */
  onGone(end: LifeEnd, failure: EngineFailure): void;
  /** Nothing that waits can be done any more. */
  onFailed(failure: EngineFailure): void;
}

/**
 * The life of a child process that holds one model: it starts, has a limited time to load, is killed for a reason, ends for
 * its own or by something outside, and is started anew. One that ends before it has the model is started again by itself a
 * few times where what keeps it from loading may pass.
 */
export class ChildLife<From extends Said, To> {
  execution_class = ExecutionClass.parse("unknown/unknown/unknown/unknown");
  pid: number | undefined;
  /** Whether the process has the model ready. */
  isLoaded = false;
  isClosed = false;
  readonly #options: ChildLifeOptions<From, To>;
  readonly #events: ChildLifeEvents<From>;
  #child: EngineChild<To | LoadMessage> | null = null;
  #version = "unknown";
  #loadTimer: NodeJS.Timeout | undefined;
  /** A model that has been loaded once should load again: what keeps it from that may pass. */
  #hasBeenLoaded = false;
  /** Times in a row that a process ended before the model was loaded and was started anew. */
  #loadsMissed = 0;
  /** Why the child is about to be killed, when it is we who do it. */
  #killedFor: EngineFailure | null = null;
  #onLoaded: ((failure: EngineFailure | null) => void) | null = null;
  #onClosed: (() => void) | null = null;

  constructor(options: ChildLifeOptions<From, To>, events: ChildLifeEvents<From>) {
    this.#options = options;
    this.#events = events;
  }

  /**
   * Starts the first process and waits until it has the model.
   *
   * @throws EngineFailure
   */
  async load(): Promise<void> {
    const failure = await new Promise<EngineFailure | null>((resolve) => {
      this.#onLoaded = resolve;
      this.#start();
    });
    if (failure) {
      await this.close();
      throw failure;
    }
  }

  /** Starts a fresh process where there is none. */
  wake(): void {
    if (!this.#child) this.#start();
  }

  send(message: To): void {
    this.#child?.send(message);
  }

  kill(failure: EngineFailure): void {
    this.#killedFor = failure;
    this.#child?.kill();
  }

  /** Fails all that waits, and kills the process. */
  fail(failure: EngineFailure): void {
    clearTimeout(this.#loadTimer);
    this.#events.onFailed(failure);
    this.kill(failure);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.#loadTimer);
    this.#events.onFailed(new EngineFailure("engine_error", "the session was closed"));
    const child = this.#child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      this.#onClosed = resolve;
      child.kill();
    });
  }

  #start(): void {
    this.isLoaded = false;
    this.#killedFor = null;
    const child = this.#options.start({
      onMessage: (message) => this.#onMessage(message),
      onExit: (how, cause) => this.#onExit(how, cause),
    });
    this.#child = child;
    this.pid = child.pid;
    const ms = LIMITS.engine_load_ms_max;
    const late = `the model took longer to load than ${ms} ms`;
    this.#loadTimer = setTimeout(() => this.kill(new EngineFailure("engine_timeout", late)), ms);
    child.send({ kind: "load", model: this.#options.model });
  }

  #onMessage(message: From): void {
    this.#note(message);
    this.#events.onMessage(message);
  }

  #note(said: Said): void {
    if (said.kind === "ready") this.#version = said.version;
    if (said.kind !== "loaded") return;
    clearTimeout(this.#loadTimer);
    this.execution_class = ExecutionClass.parse(
      `${this.#options.engine}/${this.#version}/${said.execution_provider}/${said.precision}`,
    );
    this.isLoaded = true;
    this.#hasBeenLoaded = true;
    this.#loadsMissed = 0;
    this.#tellLoaded(null);
  }

  #onExit(how: string, cause: ChildEnd["kind"] | EngineFailure): void {
    this.#child = null;
    this.pid = undefined;
    clearTimeout(this.#loadTimer);
    if (this.isClosed) {
      this.#onClosed?.();
      return;
    }
    const wasLoaded = this.isLoaded;
    this.isLoaded = false;
    const phase = wasLoaded ? `while ${this.#options.work}` : "while loading the model";
    const ended =
      cause instanceof EngineFailure
        ? cause
        : new EngineFailure(END_CODES[cause], `the engine's process ${how} ${phase}`);
    const failure = this.#killedFor ?? ended;
    const end = this.#killedFor ? "stopped" : cause === "killed" ? "killed" : "crashed";
    if (wasLoaded) this.#events.onGone(end, failure);
    else this.#missLoad(end, failure);
  }

  #missLoad(end: LifeEnd, failure: EngineFailure): void {
    const mayPass = end === "killed" || (end === "crashed" && this.#hasBeenLoaded);
    if (mayPass && this.#loadsMissed++ < LIMITS.engine_kills_max) {
      this.#start();
    } else {
      this.#tellLoaded(failure);
      this.#events.onFailed(failure);
    }
  }

  #tellLoaded(failure: EngineFailure | null): void {
    this.#onLoaded?.(failure);
    this.#onLoaded = null;
  }
}
