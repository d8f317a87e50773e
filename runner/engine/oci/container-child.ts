import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "@infernet/schemas/limits";
import type { ExecutionProvider } from "@infernet/schemas/runner";
import type { RunMessage, ToChild } from "../child/child-message.ts";
import type { EngineChild, EngineChildEvents } from "../child/start-child.ts";
import { EngineFailure } from "../engine-failure.ts";
import { StreamEnded } from "./byte-reader.ts";
import type { ContainerCli } from "./container-cli.ts";
import { explainExit } from "./explain-exit.ts";
import { FRAME_VERSION, FrameBroken, helloFrame, quote } from "./frame.ts";
import { createFrameChannel, type FrameChannel } from "./frame-channel.ts";
import { type RowsManifest, runBatches } from "./run-batches.ts";
import { TextTail } from "./text-tail.ts";

export interface ContainerLaunch {
  cli: ContainerCli;
  name: string;
  /** What starts the container. */
  args: readonly string[];
  /** What is run inside it to be spoken to in frames; null where its own program is. */
  relay: readonly string[] | null;
  memory_bytes: number;
  execution_provider: ExecutionProvider;
}

/** The arithmetic inside an image is its maker's secret. */
const PRECISION = "image";

/** A container that holds one model, as `ChildSession` handles any child: spoken to in frames, killed from outside. */
export class ContainerChild implements EngineChild {
  readonly pid: number | undefined;
  readonly #launch: ContainerLaunch;
  readonly #manifest: RowsManifest;
  readonly #events: EngineChildEvents;
  readonly #main: ChildProcess;
  readonly #said: TextTail;
  readonly #canceled = new Set<number>();
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;
  #channel: FrameChannel | null = null;
  /** The work in hand and what waits behind it. */
  #last: Promise<void> = Promise.resolve();
  #removal: Promise<void> | null = null;
  /** Why it is being ended, where it is not the session that ends it. */
  #end: EngineFailure | null = null;

  constructor(launch: ContainerLaunch, manifest: RowsManifest, events: EngineChildEvents) {
    const { cli, args, relay } = launch;
    this.#launch = launch;
    this.#manifest = manifest;
    this.#events = events;
    const main = cli.start(args, [relay ? "ignore" : "pipe", "pipe", "pipe"]);
    this.#main = main;
    this.pid = main.pid;
    // A server's standard output is a log; elsewhere it is the answers.
    this.#said = new TextTail(
      relay ? [main.stdout, main.stderr] : [main.stderr],
      LIMITS.oci_stderr_chars_kept,
    );
    main.once("error", (error) => void this.#onClosed(`could not be started: ${error.message}`));
    main.once("close", (code, signal) => {
      const stderr = this.#said.read();
      void this.#onClosed(explainExit({ code, signal, stderr, memory_bytes: launch.memory_bytes }));
    });
    if (main.stdin && main.stdout && !relay) this.#channel = createFrameChannel(main.stdin, main.stdout);
    queueMicrotask(() => events.onMessage({ kind: "ready", version: String(FRAME_VERSION) }));
  }

  send(message: ToChild): void {
    switch (message.kind) {
      case "load":
        this.#do(() => this.#load());
        return;
      case "run":
        this.#do(() => this.#run(message));
        return;
      case "cancel":
        this.#canceled.add(message.run);
        return;
      default:
        message satisfies never;
    }
  }

  kill(): void {
    this.#removal ??= this.#remove();
  }

  /** One thing after another; where the container cannot be spoken to any more, it is ended, and what is behind waits for the next. */
  #do(work: () => Promise<void>): void {
    this.#last = this.#last.then(async () => {
      if (this.#removal !== null || this.#isClosed) return;
      await work().catch((error: unknown) => this.#giveUp(error));
    });
  }

  async #load(): Promise<void> {
    this.#channel ??= await this.#openRelay();
    const answer = await this.#channel.exchange(helloFrame(this.#manifest.inputs, this.#manifest.outputs));
    if (answer.kind === "outputs")
      throw new FrameBroken("the container answered the first frame with outputs");
    if (answer.kind === "ready") {
      const { execution_provider } = this.#launch;
      this.#events.onMessage({ kind: "loaded", execution_provider, precision: PRECISION });
      return;
    }
    const detail = `the container refuses the model: ${quote(answer.detail)}`;
    this.#events.onMessage({ kind: "failed", run: null, code: "model_unloadable", detail });
  }

  async #run({ run, rows, inputs }: RunMessage): Promise<void> {
    if (this.#channel === null) return;
    try {
      const isCanceled = (): boolean => this.#canceled.has(run);
      const result = await runBatches(this.#channel, this.#manifest, inputs, rows, isCanceled);
      // What a container says while it is being ended is nobody's answer any more.
      if (this.#removal !== null) return;
      this.#events.onMessage(result ? { kind: "done", run, ...result } : { kind: "canceled", run });
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      if (this.#removal !== null) return;
      this.#events.onMessage({ kind: "failed", run, code: error.code, detail: error.message });
    } finally {
      this.#canceled.delete(run);
    }
  }

  async #openRelay(): Promise<FrameChannel> {
    const { cli, name, relay } = this.#launch;
    const isUp = ["container", "inspect", "--format", "{{.State.Running}}", name];
    while ((await cli.call(isUp).catch(() => "")) !== "true") {
      if (this.#isClosed) throw new StreamEnded("the container has ended");
      await sleep(LIMITS.oci_start_look_ms);
    }
    const process = cli.start(["exec", "--interactive", name, ...(relay ?? [])], ["pipe", "pipe", "pipe"]);
    const said = new TextTail([process.stderr], LIMITS.oci_stderr_chars_kept);
    process.once("error", () => undefined);
    process.once("close", (code) => {
      const detail = `what passes rows on to the server in the container ended with exit code ${code}: ${said.read()}`;
      void this.#endUnlessClosed(new EngineFailure("engine_crashed", detail));
    });
    if (!process.stdin || !process.stdout) throw new StreamEnded("the relay has no streams");
    return createFrameChannel(process.stdin, process.stdout);
  }

  #giveUp(error: unknown): void {
    if (this.#removal !== null) return;
    if (error instanceof FrameBroken) {
      this.#end ??= new EngineFailure("output_mismatch", error.message);
      this.kill();
    } else if (error instanceof StreamEnded) {
      const detail = "the container closed its standard output and went on";
      void this.#endUnlessClosed(new EngineFailure("engine_crashed", detail));
    } else {
      this.#end ??= new EngineFailure("engine_error", String(error));
      this.kill();
    }
  }

  /** A stream ends a moment before its process does, whose own end says more. */
  async #endUnlessClosed(failure: EngineFailure): Promise<void> {
    await Promise.race([this.#closed.promise, sleep(LIMITS.oci_last_words_ms, null, { ref: false })]);
    if (this.#isClosed) return;
    this.#end ??= failure;
    this.kill();
  }

  /** Until the container is gone: it may not be there yet when it is told to go. */
  async #remove(): Promise<void> {
    const { cli, name } = this.#launch;
    const remove = ["rm", "--force", name];
    // What it has printed and nobody wants would keep its end from being seen.
    this.#main.stdout?.destroy();
    for (let tries = 0; tries < LIMITS.oci_remove_tries_max && !this.#isClosed; tries++) {
      await cli.call(remove).catch(() => undefined);
      await Promise.race([this.#closed.promise, sleep(LIMITS.oci_remove_pause_ms, null, { ref: false })]);
    }
    if (this.#isClosed) return;
    this.#main.kill("SIGKILL");
    await cli.call(remove).catch(() => undefined);
  }

  #onClosed(how: string | EngineFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closed.resolve();
    const text = how instanceof EngineFailure ? how.message : how;
    this.#events.onExit(text, this.#end ?? (how instanceof EngineFailure ? how : "ended"));
  }
}
