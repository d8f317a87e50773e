import { gatherTime } from "@infernet/protocol/llm/stream/gather-time";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import type { StreamDelta, StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";
import type { SignedBlock } from "@infernet/schemas/llm/token-block";
import type { Lease } from "@infernet/schemas/runner";
import type { EdgeClient } from "./edge-client.ts";
import { openPostLink } from "./post-link.ts";
import type { LinkEnd, StreamLink } from "./stream-link.ts";
import { StreamLog } from "./stream-log.ts";
import type { Upgrades } from "./upgrades.ts";

/** The way of one lease's tokens to the edge. */
export interface LeaseStream {
  /** The model is loaded: parts may follow. */
  begin(execution_class: ExecutionClass): void;
  /** The next position. */
  push(part: TokenPart, block: SignedBlock | null): void;
  /** No sign of life is given of it any more. What was not sent yet is in the answer to the lease. */
  close(): void;
}

export interface StreamChannelOptions {
  client: Pick<EdgeClient, "openStream" | "postStream">;
  /** Any job of the aggregator object. */
  job: JobId;
  upgrades: Upgrades;
  /** Told when no lease has used it for a while; it is closed then. */
  onIdle(): void;
  /** Told when its connection was dead without a word: others to the same edge may be, too. */
  onSilent(): void;
}

interface Entry {
  log: StreamLog;
  sent_ms: number;
  onEnded(): void;
}

/**
 * Sends what is made under all leases of one aggregator object over one connection: what comes in one turn of the event loop,
 * as the tokens of one step of an engine do, goes in one message: at once where there are few leases, with the next step's where
 * there are many. A connection that breaks is opened anew, and
 * what the edge is not known to have is sent again; it takes no position twice.
 */
export class StreamChannel {
  readonly #options: StreamChannelOptions;
  readonly #entries = new Map<Lease["id"], Entry>();
  #link: StreamLink | null = null;
  #attempts = 0;
  #tick: NodeJS.Immediate | undefined;
  /** Set while what is made is gathered. */
  #gathering: NodeJS.Timeout | undefined;
  #flushed_ms = Number.NEGATIVE_INFINITY;
  #reconnecting: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #beats: NodeJS.Timeout | undefined;

  constructor(options: StreamChannelOptions) {
    this.#options = options;
  }

  /**
   * @param start positions that were given with the lease
   * @param onEnded the edge wants no more of it
   */
  open(lease: Pick<Lease, "id" | "job_id" | "shard">, start: number, onEnded: () => void): LeaseStream {
    const log = new StreamLog(lease, start);
    const entry = { log, sent_ms: performance.now(), onEnded };
    this.#entries.set(lease.id, entry);
    clearTimeout(this.#idle);
    // Twice as often as the edge wants to hear of each: what was sent just after a beat is not due at the next.
    this.#beats ??= setInterval(() => this.#beat(), LIMITS.stream_beat_ms / 2).unref();
    this.#connect();
    return {
      begin: (execution_class) => {
        log.execution_class = execution_class;
      },
      push: (part, block) => {
        log.add(part, block);
        this.#flushSoon();
      },
      close: () => {
        if (this.#entries.get(lease.id) !== entry) return;
        this.#flush();
        this.#remove(lease.id);
      },
    };
  }

  /** The connection may be dead without anybody having been told. */
  reconnect(): void {
    this.#drop();
    this.#attempts = 0;
    this.#connect();
  }

  close(): void {
    this.#entries.clear();
    clearInterval(this.#beats);
    clearTimeout(this.#idle);
    this.#drop();
  }

  #remove(id: Lease["id"]): void {
    this.#entries.delete(id);
    if (this.#entries.size > 0) return;
    clearInterval(this.#beats);
    this.#beats = undefined;
    this.#idle = setTimeout(() => {
      this.close();
      this.#options.onIdle();
    }, LIMITS.stream_idle_ms_max).unref();
  }

  #forgetFlush(): void {
    clearImmediate(this.#tick);
    this.#tick = undefined;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
  }

  #drop(): void {
    this.#forgetFlush();
    clearTimeout(this.#reconnecting);
    this.#reconnecting = undefined;
    this.#link?.close();
    this.#link = null;
  }

  #connect(): void {
    if (this.#link !== null || this.#reconnecting !== undefined) return;
    const { client, job, upgrades } = this.#options;
    const listener = {
      onOpen: () => this.#opened(),
      onMessage: (message: StreamDown) => this.#hear(message),
      onReady: () => this.#flush(),
      onEnd: (how: LinkEnd) => this.#ended(how),
    };
    this.#link = upgrades.areWorthTrying
      ? client.openStream(job, listener)
      : openPostLink(client.postStream, listener);
  }

  #opened(): void {
    for (const { log } of this.#entries.values()) log.rewind();
    this.#send([...this.#entries.values()]);
    this.#flush();
  }

  #ended(how: LinkEnd): void {
    const { upgrades } = this.#options;
    if (how === "no_upgrade") upgrades.noteRefused();
    this.#link = null;
    if (how === "silent") this.#options.onSilent();
    if (this.#link !== null) return;
    // Whoever needs it next opens it.
    if (this.#entries.size === 0) return;
    const wait_ms = this.#attempts === 0 ? 0 : backOff(this.#attempts);
    this.#attempts += 1;
    this.#reconnecting = setTimeout(() => {
      this.#reconnecting = undefined;
      this.#connect();
    }, wait_ms).unref();
  }

  #hear({ kept, resend, ended }: StreamDown): void {
    this.#attempts = 0;
    this.#options.upgrades.noteOpened();
    for (const { lease_id, positions } of kept) this.#entries.get(lease_id)?.log.keep(positions);
    for (const { lease_id, from } of resend) this.#entries.get(lease_id)?.log.rewind(from);
    for (const id of ended) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue;
      this.#remove(id);
      entry.onEnded();
    }
    if (resend.length > 0) this.#flush();
  }

  /** At the end of this turn, or with what comes within a moment where many leases have just been told of. */
  #flushSoon(): void {
    if (this.#tick !== undefined || this.#gathering !== undefined) return;
    const wait_ms = this.#flushed_ms + gatherTime(this.#entries.size) - performance.now();
    if (wait_ms < 1) this.#tick = setImmediate(() => this.#flush());
    else this.#gathering = setTimeout(() => this.#flush(), wait_ms);
  }

  #flush(): void {
    this.#forgetFlush();
    this.#flushed_ms = performance.now();
    while (this.#link?.isReady) {
      const behind = [...this.#entries.values()].filter(({ log }) => log.behind > 0);
      if (behind.length === 0) return;
      this.#send(behind);
    }
  }

  /** Of each what it has, in one message as large as the edge takes. */
  #send(entries: Entry[]): void {
    let room = LIMITS.parts_per_delta_max;
    const deltas: StreamUp["deltas"] = [];
    const now_ms = performance.now();
    for (const entry of entries.slice(0, LIMITS.leases_per_runner_max)) {
      const delta: StreamDelta = entry.log.take(room);
      room -= delta.parts.length;
      entry.sent_ms = now_ms;
      deltas.push(delta);
      if (room === 0) break;
    }
    if (deltas.length > 0) this.#link?.send({ deltas });
  }

  #beat(): void {
    if (!this.#link?.isReady) return;
    const due_ms = performance.now() - LIMITS.stream_beat_ms / 2;
    this.#send([...this.#entries.values()].filter(({ sent_ms }) => sent_ms <= due_ms));
  }
}

/** Full jitter: runners whose edge was away do not come back all at once. */
function backOff(attempts: number): number {
  const most_ms = Math.min(
    LIMITS.stream_reconnect_ms_max,
    LIMITS.stream_reconnect_ms_min * 2 ** Math.min(attempts, 16),
  );
  return LIMITS.stream_reconnect_ms_min + Math.random() * (most_ms - LIMITS.stream_reconnect_ms_min);
}
