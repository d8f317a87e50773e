import { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { type ChildEnd, END_CODES } from "../child/child-end.ts";
import type { EngineChild, EngineChildEvents } from "../child/start-child.ts";
import type { GenerateOptions, GenerationRun, GenerationSession, RunOptions } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { GenerationJob } from "./generation-job.ts";
import type { FromGenerator, Round, RunMessage, ToGenerator } from "./generation-message.ts";

export type GeneratorChild = EngineChild<ToGenerator>;

export interface LlmSessionOptions {
  /** What the child gets to load. */
  model: unknown;
  start(events: EngineChildEvents<FromGenerator>): GeneratorChild;
}

/**
 * One model that generates text, in one child process which works on many requests at once. When something outside kills the
 * process, or a request does not let go of it in time, the others go on in a fresh one after the last position that came of
 * them, and nobody notices. When it crashes by itself, each of those it worked on is done alone, so that only the one whose
 * fault it is fails.
 */
export class LlmSession implements GenerationSession {
  execution_class = ExecutionClass.parse("unknown/unknown/unknown/unknown");
  at_once_max = 1;
  /** Process id of the child, for those who watch it. */
  pid: number | undefined;
  readonly #options: LlmSessionOptions;
  #child: GeneratorChild | null = null;
  #isLoaded = false;
  #isClosed = false;
  #version = "unknown";
  /** In the order of the calls. */
  readonly #jobs = new Map<number, GenerationJob>();
  #jobsMade = 0;
  #loadTimer: NodeJS.Timeout | undefined;
  /** A model that has been loaded once should load again: what keeps it from that may pass. */
  #hasBeenLoaded = false;
  /** Times in a row that a process ended before the model was loaded and was started anew. */
  #loadsMissed = 0;
  /** Why the child is about to be killed, when it is we who do it. */
  #killedFor: EngineFailure | null = null;
  #onLoaded: ((failure: EngineFailure | null) => void) | null = null;
  #onGone: (() => void) | null = null;

  private constructor(options: LlmSessionOptions) {
    this.#options = options;
  }

  /** @throws EngineFailure */
  static async load(options: LlmSessionOptions): Promise<LlmSession> {
    const session = new LlmSession(options);
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

  generate(request: GenerationRequest, options: GenerateOptions): Promise<GenerationRun> {
    return this.#run("generate", request, options);
  }

  score(request: GenerationRequest, given: Given, options: RunOptions): Promise<GenerationRun> {
    return this.#run("score", request, { ...options, given });
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

  #run(
    task: RunMessage["task"],
    request: GenerationRequest,
    { given, timeout_ms, signal, onPart }: GenerateOptions,
  ): Promise<GenerationRun> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (this.#isClosed) return reject(new EngineFailure("engine_error", "the session is closed"));
      const onAbort = (): void => this.#drop(job, signal.reason);
      const settle = (result: GenerationRun | Error): void => {
        signal.removeEventListener("abort", onAbort);
        result instanceof Error ? reject(result) : resolve(result);
      };
      const own = given && { ...given, tokens: given.tokens && [...given.tokens] };
      const job = new GenerationJob({
        id: this.#jobsMade++,
        task,
        request,
        given: own,
        timeout_ms,
        onPart,
        settle,
      });
      signal.addEventListener("abort", onAbort);
      this.#jobs.set(job.id, job);
      this.#child ? this.#advance() : this.#start();
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
    this.#loadTimer = setTimeout(
      () => this.#kill(timeout(`the model took longer to load than ${LIMITS.engine_load_ms_max} ms`)),
      LIMITS.engine_load_ms_max,
    );
    child.send({ kind: "load", model: this.#options.model });
  }

  #onMessage(message: FromGenerator): void {
    switch (message.kind) {
      case "ready":
        this.#version = message.version;
        return;
      case "loaded":
        clearTimeout(this.#loadTimer);
        this.execution_class = ExecutionClass.parse(
          `llm/${this.#version}/${message.execution_provider}/${message.precision}`,
        );
        this.at_once_max = message.at_once_max;
        this.#isLoaded = true;
        this.#hasBeenLoaded = true;
        this.#loadsMissed = 0;
        this.#tellLoaded(null);
        this.#advance();
        return;
      case "round":
        this.#takeRound(message);
        return;
      case "failed": {
        const failure = new EngineFailure(message.code, message.detail);
        this.#failAll(failure);
        this.#kill(failure);
        return;
      }
      default:
        message satisfies never;
    }
  }

  #takeRound({ parts, done, failed, canceled }: Round): void {
    for (const { run, part, block } of parts) this.#jobs.get(run)?.take(part, block);
    for (const { run, generation, compute_ms } of done) this.#remove(run)?.finish(generation, compute_ms);
    for (const { run, code, detail } of failed) this.#remove(run)?.fail(new EngineFailure(code, detail));
    for (const run of canceled) this.#remove(run)?.fail(new EngineFailure("engine_error", "canceled"));
    if (done.length + failed.length + canceled.length > 0) this.#advance();
  }

  #onExit(how: string, cause: ChildEnd["kind"] | EngineFailure): void {
    this.#child = null;
    this.pid = undefined;
    clearTimeout(this.#loadTimer);
    if (this.#isClosed) {
      this.#onGone?.();
      return;
    }
    const wasLoaded = this.#isLoaded;
    this.#isLoaded = false;
    const isKilled = cause === "killed" && this.#killedFor === null;
    const phase = wasLoaded ? "while generating" : "while loading the model";
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
    this.#takeBack(isKilled ? "killed" : this.#killedFor ? "stopped" : "crashed", failure);
    if (this.#jobs.size > 0) this.#start();
  }

  /** What is to become of the requests that were in a process which is gone. */
  #takeBack(end: "killed" | "stopped" | "crashed", failure: EngineFailure): void {
    const inside = [...this.#jobs.values()].filter(({ place }) => place !== "waiting");
    const wanted = inside.filter(({ place }) => place === "sent");
    for (const job of inside) {
      const isAtFault = end === "crashed" && wanted.length === 1;
      const isWornOut = end === "killed" && job.kills++ >= LIMITS.engine_kills_max;
      if (job.place === "dropped" || isAtFault || isWornOut) this.#remove(job.id)?.fail(failure);
      else job.place = "waiting";
      if (end === "crashed") job.isSuspect = true;
    }
  }

  /** Hands over what the process has room for; what is under suspicion, alone. */
  #advance(): void {
    if (!this.#isLoaded) return;
    const jobs = [...this.#jobs.values()];
    let inside = jobs.filter(({ place }) => place !== "waiting").length;
    const waiting = jobs.filter(({ place }) => place === "waiting");
    if (jobs.some(({ place, isSuspect }) => isSuspect && place === "sent")) return;
    const suspect = waiting.find(({ isSuspect }) => isSuspect);
    if (suspect) {
      if (inside === 0) this.#send(suspect);
      return;
    }
    for (const job of waiting) {
      if (inside++ >= this.at_once_max) return;
      this.#send(job);
    }
  }

  #send(job: GenerationJob): void {
    job.place = "sent";
    job.timer ??= setTimeout(
      () => this.#drop(job, timeout(`the request took longer in the engine than ${job.timeout_ms} ms`)),
      job.timeout_ms,
    );
    this.#child?.send(job.message);
  }

  /** Tells the caller at once. What is in the process has a short time to let go. */
  #drop(job: GenerationJob, reason: unknown): void {
    job.fail(reason instanceof Error ? reason : new Error(String(reason)));
    if (job.place === "waiting") {
      this.#jobs.delete(job.id);
      return;
    }
    job.place = "dropped";
    this.#child?.send({ kind: "cancel", run: job.id });
    const ms = LIMITS.engine_cancel_ms_max;
    job.timer = setTimeout(() => this.#kill(timeout(`an unwanted request did not stop within ${ms} ms`)), ms);
  }

  #remove(id: number): GenerationJob | undefined {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    return job;
  }

  #kill(failure: EngineFailure): void {
    this.#killedFor = failure;
    this.#child?.kill();
  }

  #failAll(failure: EngineFailure): void {
    clearTimeout(this.#loadTimer);
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) job.fail(failure);
  }

  #tellLoaded(failure: EngineFailure | null): void {
    this.#onLoaded?.(failure);
    this.#onLoaded = null;
  }
}

const timeout = (detail: string): EngineFailure => new EngineFailure("engine_timeout", detail);
