import { aggregatorName } from "@infernet/schemas/aggregator-name";
import type { Lease } from "@infernet/schemas/runner";
import type { EdgeClient } from "./edge-client.ts";
import { type LeaseStream, StreamChannel } from "./stream-channel.ts";
import { Upgrades } from "./upgrades.ts";

export interface StreamsListener {
  /** No WebSocket gets through: tokens go in posts from now on. */
  onBlocked(): void;
  /** A connection was dead without a word: others to the same edge may be, too. */
  onSilent(): void;
}

/** The ways of tokens to an edge: a channel for each aggregator object that has leases here. */
export class LeaseStreams {
  readonly #client: Pick<EdgeClient, "openStream" | "postStream">;
  readonly #upgrades: Upgrades;
  readonly #onSilent: () => void;
  readonly #channels = new Map<string, StreamChannel>();

  constructor(
    client: Pick<EdgeClient, "openStream" | "postStream">,
    { onBlocked, onSilent }: StreamsListener,
  ) {
    this.#client = client;
    this.#upgrades = new Upgrades(onBlocked);
    this.#onSilent = onSilent;
  }

  /**
   * @param start positions that were given with the lease
   * @param onEnded the edge wants no more of it
   */
  open(lease: Pick<Lease, "id" | "job_id" | "shard">, start: number, onEnded: () => void): LeaseStream {
    const name = aggregatorName(lease.job_id);
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = new StreamChannel({
        client: this.#client,
        job: lease.job_id,
        upgrades: this.#upgrades,
        onIdle: () => this.#channels.delete(name),
        onSilent: this.#onSilent,
      });
      this.#channels.set(name, channel);
    }
    return channel.open(lease, start, onEnded);
  }

  /** To be called when this process has stood still: what was open may be dead. */
  reconnect(): void {
    for (const channel of this.#channels.values()) channel.reconnect();
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
  }
}
