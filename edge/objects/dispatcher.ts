import { DurableObject } from "cloudflare:workers";
import type { Need } from "@infernet/protocol/match";
import type { JobId, RunnerId } from "@infernet/schemas/ids";
import type { Capability, Lease } from "@infernet/schemas/runner";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { Exchange, type Fleet, type NewOffer } from "../dispatcher/exchange.ts";
import { UptimeLog } from "../dispatcher/uptime-log.ts";

/** One pool of runners: their parked polls and the offers of jobs. It stores nothing; see `Exchange`. */
export class Dispatcher extends DurableObject<Env> {
  readonly #uptime = new UptimeLog();
  readonly #exchange = new Exchange({
    now: Date.now,
    lease: (question) => aggregatorOf(this.env, question.job_id).lease(question),
  });

  introduce(runner: RunnerId, capability: Capability): void {
    this.#exchange.introduce(runner, capability);
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

  fleet(need: Need): Fleet {
    return this.#exchange.fleet(need);
  }

  stats(): { runners_seen: number; parked: number; offers: number } {
    return this.#exchange.stats();
  }
}
