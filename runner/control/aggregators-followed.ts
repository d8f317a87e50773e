import type { NetworkId } from "@infernet/schemas/commitment";
import type { RunnerEvent } from "../work/runner-event.ts";
import type { Activity } from "./activity.ts";

type Followed = Activity["aggregators"][number];

/** Follows what a runner tells of its work for peers' aggregators. */
export class AggregatorsFollowed {
  readonly #now: () => Date;
  readonly #followed = new Map<NetworkId, Followed>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Those that it works for, the one that came first before the others. */
  read(): Followed[] {
    return [...this.#followed.values()].map((one) => ({ ...one }));
  }

  observe(network: NetworkId, event: RunnerEvent): void {
    if (event.event === "aggregator.joined") {
      const { name, peer, terms } = event;
      const pays =
        terms.pay === "free" ? null : { unit: terms.unit, micro_per_core_hour: terms.micro_per_core_hour };
      const done = { shards_done: 0, rows_done: 0, compute_ms: 0 };
      const since = this.#now().toISOString();
      this.#followed.set(network, {
        network,
        peer,
        name,
        pays,
        since,
        state: "starting",
        trouble: null,
        ...done,
      });
      return;
    }
    if (event.event === "aggregator.left") {
      this.#followed.delete(network);
      return;
    }
    const one = this.#followed.get(network);
    if (one !== undefined) follow(one, event);
  }
}

function follow(one: Followed, event: RunnerEvent): void {
  switch (event.event) {
    case "registered":
    case "edge.back":
      one.state = "open";
      one.trouble = null;
      return;
    case "edge.unreachable":
      one.state = "away";
      one.trouble = event.detail;
      return;
    case "edge.refused":
      one.trouble = event.detail;
      return;
    case "shard.done":
      one.shards_done += 1;
      one.rows_done += event.rows;
      one.compute_ms += event.compute_ms;
      one.trouble = null;
      return;
    default:
  }
}
