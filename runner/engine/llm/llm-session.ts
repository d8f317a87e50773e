import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { ChildLife, type ChildLifeOptions, type LifeEnd } from "../child/child-life.ts";
import type { GenerateOptions, GenerationRun, GenerationSession, RunOptions } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { GenerationJob } from "./generation-job.ts";
import type { FromGenerator, Round, RunMessage, ToGenerator } from "./generation-message.ts";

export type LlmSessionOptions = Pick<ChildLifeOptions<FromGenerator, ToGenerator>, "model" | "start">;

/**
 * One model that generates text, in one child process which works on many requests at once. When something outside kills the
 * process, or a request does not let go of it in time, the others go on in a fresh one after the last position that came of
 * them, and nobody notices. When it crashes by itself, each of those it worked on is done alone, so that only the one whose
 * fault it is fails.
 */
export class LlmSession implements GenerationSession {
  at_once_max = 1;
  readonly #life: ChildLife<FromGenerator, ToGenerator>;
  /** In the order of the calls. */
  readonly #jobs = new Map<number, GenerationJob>();
  #jobsMade = 0;

  private constructor(options: LlmSessionOptions) {
    this.#life = new ChildLife(
      { ...options, engine: "llm", work: "generating" },
      {
        onMessage: (message) => this.#onMessage(message),
        onGone: (end, failure) => this.#onGone(end, failure),
        onFailed: (failure) => this.#failAll(failure),
      },
    );
  }

  /** @throws EngineFailure */
  static async load(options: LlmSessionOptions): Promise<LlmSession> {
    const session = new LlmSession(options);
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

  generate(request: GenerationRequest, options: GenerateOptions): Promise<GenerationRun> {
    return this.#run("generate", request, options);
  }

  score(request: GenerationRequest, given: Given, options: RunOptions): Promise<GenerationRun> {
    return this.#run("score", request, { ...options, given });
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  #run(
    task: RunMessage["task"],
    request: GenerationRequest,
    { given, timeout_ms, signal, onPart }: GenerateOptions,
  ): Promise<GenerationRun> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (this.#life.isClosed) return reject(new EngineFailure("engine_error", "the session is closed"));
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
      this.#life.wake();
      this.#advance();
    });
  }

  #onMessage(message: FromGenerator): void {
    switch (message.kind) {
      case "ready":
        return;
      case "loaded":
        this.at_once_max = message.at_once_max;
        this.#advance();
        return;
      case "round":
        this.#takeRound(message);
        return;
      case "failed":
        this.#life.fail(new EngineFailure(message.code, message.detail));
        return;
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

  /** Decides what is to become of the requests that were in a process which is gone. */
  #onGone(end: LifeEnd, failure: EngineFailure): void {
    const inside = [...this.#jobs.values()].filter(({ place }) => place !== "waiting");
    const wanted = inside.filter(({ place }) => place === "sent");
    for (const job of inside) {
      const isAtFault = end === "crashed" && wanted.length === 1;
      const isWornOut = end === "killed" && job.kills++ >= LIMITS.engine_kills_max;
      if (job.place === "dropped" || isAtFault || isWornOut) this.#remove(job.id)?.fail(failure);
      else job.place = "waiting";
      if (end === "crashed") job.isSuspect = true;
    }
    if (this.#jobs.size > 0) this.#life.wake();
  }

  /** Hands over what the process has room for; what is under suspicion, alone. */
  #advance(): void {
    if (!this.#life.isLoaded) return;
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
    this.#life.send(job.message);
  }

  /** Tells the caller at once. What is in the process has a short time to let go. */
  #drop(job: GenerationJob, reason: unknown): void {
    job.fail(reason instanceof Error ? reason : new Error(String(reason)));
    if (job.place === "waiting") {
      this.#jobs.delete(job.id);
      return;
    }
    job.place = "dropped";
    this.#life.send({ kind: "cancel", run: job.id });
    const ms = LIMITS.engine_cancel_ms_max;
    job.timer = setTimeout(
      () => this.#life.kill(timeout(`an unwanted request did not stop within ${ms} ms`)),
      ms,
    );
  }

  #remove(id: number): GenerationJob | undefined {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    return job;
  }

  #failAll(failure: EngineFailure): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) job.fail(failure);
  }
}

const timeout = (detail: string): EngineFailure => new EngineFailure("engine_timeout", detail);
