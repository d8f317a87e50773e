import { DurableObject } from "cloudflare:workers";
import type { Need } from "@infernet/protocol/match";
import type { JobId, RunnerId } from "@infernet/schemas/ids";
import type { Capability, Lease } from "@infernet/schemas/runner";
import type { RosterEntry } from "@infernet/schemas/verification";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { Exchange, type Fleet, type NewOffer, type OwnDemand } from "../dispatcher/exchange.ts";
import type { Standing } from "../dispatcher/standing.ts";
import { UptimeLog } from "../dispatcher/uptime-log.ts";

/** One pool of runners: their parked polls and the offers of jobs. It stores nothing; see `Exchange`. */
export class Dispatcher extends DurableObject<Env> {
  readonly #uptime = new UptimeLog();
  readonly #exchange = new Exchange({
    now: Date.now,
    random: Math.random,
    lease: (question) => aggregatorOf(this.env, question.job_id).lease(question),
  });

  introduce(runner: RunnerId, capability: Capability, standing: Standing): void {
    this.#exchange.introduce(runner, capability, standing);
  }

  /** How a runner stands now, from its Provider object. Repeating it changes nothing. */
  restand(runner: RunnerId, standing: Standing): void {
    this.#exchange.restand(runner, standing);
  }

  /** @param wait_ms how long to stay parked when there is no work */
  async poll(runner: RunnerId, leases_max: number, wait_ms: number): Promise<Lease[] | null> {
    if (!this.#exchange.knows(runner)) return null;
    const event = this.#uptime.see(runner, Date.now());
    if (event !== null) this.ctx.waitUntil(this.env.PROVIDER.getByName(runner).record([event]));
    return this.#exchange.poll(runner, leases_max, wait_ms);
  }

  leave(runner: RunnerId): void {
    this.#exchange.leave(runner);
  }

  offer(offer: NewOffer): { runners_capable: number } {
    return this.#exchange.offer(offer);
  }

  withdraw(job_id: JobId): void {
    this.#exchange.withdraw(job_id);
  }

  /** @param seen_within_ms how lately a runner must have been heard of to be counted */
  fleet(need: Need, seen_within_ms?: number): Fleet {
    return this.#exchange.fleet(need, seen_within_ms);
  }

  demand(runner: RunnerId): OwnDemand {
    return this.#exchange.demand(runner);
  }

  roster(need: Need): RosterEntry[] {
    return this.#exchange.roster(need);
  }

  stats(): { runners_seen: number; parked: number; offers: number } {
    return this.#exchange.stats();
  }
}
