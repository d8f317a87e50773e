import { fairShare } from "@infernet/protocol/lease-rules";
import { classOf, explainUnfit, isFit, isGranted, type Need } from "@infernet/protocol/match";
import {
  type Duty,
  fits,
  isAssigned,
  type Offer,
  pickOffer,
  type WaitingRunner,
} from "@infernet/protocol/offers";
import type { WaitingJob } from "@infernet/protocol/summarize-demand";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId, JobId, RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Capability, Lease } from "@infernet/schemas/runner";
import type { RosterEntry } from "@infernet/schemas/verification";
import { renderRoster } from "./render-roster.ts";
import type { Standing } from "./standing.ts";

export interface NewOffer {
  job_id: JobId;
  account_id: AccountId;
  model: WaitingJob["model"];
  need: Need;
  ready: number;
  /** Runners that checks were drawn for: they come first, whatever `ready` says. */
  assigned: RunnerId[];
}

export interface LeaseQuestion {
  job_id: JobId;
  runner: RunnerId;
  leases_max: number;
  /** Runners that could take the job's shards. */
  runners: number;
  /** Checks that the runner has passed. */
  passed: number;
  /** Whether it decides disagreements and does nothing else. */
  referee: boolean;
  /** Engine, version and execution provider of each of its engines. */
  classes: string[];
}

export interface ExchangeDependencies {
  now: () => number;
  random: () => number;
  /** Asks the job's aggregator, the only one to know, for leases. */
  lease: (question: LeaseQuestion) => Promise<{ leases: Lease[]; ready: number }>;
}

interface OpenOffer extends Offer, Pick<NewOffer, "model"> {
  declined: Set<RunnerId>;
  assigned: Set<RunnerId>;
  /** Runners that could take it, counted when it was made. */
  runners: number;
  /** Questions to the job that are out: until they are answered `ready` is an estimate. */
  asking: number;
}

interface Waiter {
  runner: SeenRunner;
  wake: (offer: OpenOffer) => void;
  giveUp: () => void;
}

/** One runner, as it stands now: a parked poll of it looks here too. */
interface SeenRunner extends WaitingRunner, Pick<Standing, "passed" | "groups" | "cores"> {
  seen_ms: number;
}

export interface Fleet {
  runners_capable: number;
  /** Why the others cannot, in the words of `explainUnfit`, each with the number of runners it holds for. */
  mismatches: { reason: string; runners: number }[];
}

export interface OwnDemand {
  jobs: WaitingJob[];
  /** What the runner that asked may do; null when it is not known here. */
  duty: Duty | null;
}

/**
 * Brings runners that wait and jobs that have work together. All of it is soft state: an offer that is lost comes again
 * from its aggregator, a runner that is forgotten introduces itself again.
 */
export class Exchange {
  readonly #runners = new Map<RunnerId, SeenRunner>();
  readonly #offers = new Map<JobId, OpenOffer>();
  readonly #clientTurns = new Map<AccountId, number>();
  /** In the order of arrival: the longest wait is served first. */
  readonly #waiting = new Map<RunnerId, Waiter>();
  readonly #now: ExchangeDependencies["now"];
  readonly #random: ExchangeDependencies["random"];
  readonly #lease: ExchangeDependencies["lease"];
  #turn = 0;

  constructor({ now, random, lease }: ExchangeDependencies) {
    this.#now = now;
    this.#random = random;
    this.#lease = lease;
  }

  /** Takes a runner in. One that is banned is forgotten instead. */
  introduce(runner: RunnerId, capability: Capability, standing: Standing): void {
    this.#forgetUnseen();
    if (standing.ban !== null) {
      this.leave(runner);
      return;
    }
    if (this.#runners.size >= LIMITS.runners_per_dispatcher_max && !this.#runners.has(runner)) {
      throw new InfernetError(
        "unavailable",
        `this dispatcher holds ${this.#runners.size} runners, which is its limit`,
      );
    }
    const { duty, passed, groups, cores } = standing;
    const known = this.#runners.get(runner);
    const seen = { id: runner, capability, duty, passed, groups, cores, seen_ms: this.#now() };
    if (known === undefined) this.#runners.set(runner, seen);
    else Object.assign(known, seen);
  }

  /** A known runner's standing has changed: what it may do now, its parked poll gets. Others are not taken in by this. */
  restand(runner: RunnerId, standing: Standing): void {
    const known = this.#runners.get(runner);
    if (known === undefined) return;
    if (standing.ban !== null) {
      this.leave(runner);
      return;
    }
    const { duty, passed, groups, cores } = standing;
    Object.assign(known, { duty, passed, groups, cores });
    const waiter = this.#waiting.get(runner);
    const offer = waiter && pickOffer(this.#offers.values(), this.#clientTurns, known);
    if (offer) waiter.wake(offer);
  }

  knows(runner: RunnerId): boolean {
    return this.#runners.has(runner);
  }

  /** Leases for a runner, as soon as there are any; none when the wait is over; null when the runner is not known. */
  async poll(runner: RunnerId, leases_max: number, wait_ms: number): Promise<Lease[] | null> {
    const seen = this.#runners.get(runner);
    if (seen === undefined) return null;
    seen.seen_ms = this.#now();
    const until_ms = this.#now() + wait_ms;
    let woken: OpenOffer | null = null;
    for (;;) {
      // It may have left or been banned while a job was asked.
      if (this.#runners.get(runner) !== seen) return [];
      const offer = pickOffer(this.#offers.values(), this.#clientTurns, seen);
      // Who was called for one job and serves another leaves the first to somebody else.
      if (woken !== null && woken !== offer && this.#offers.get(woken.job_id) === woken) this.#wakeFor(woken);
      woken = null;
      if (offer !== null) {
        const leases = await this.#ask(offer, seen, leases_max);
        if (leases.length > 0) return leases;
        continue;
      }
      const left_ms = until_ms - this.#now();
      if (left_ms <= 0) return [];
      woken = await this.#park(seen, left_ms);
      if (woken === null) return [];
    }
  }

  /** Opens a job's shards to runners, or says anew how many there are. */
  offer({ job_id, account_id, model, need, ready, ...rest }: NewOffer): { runners_capable: number } {
    const runners = this.#countCapable(need);
    const served_turn = this.#offers.get(job_id)?.served_turn ?? this.#turn;
    const declined = new Set<RunnerId>();
    const assigned = new Set(rest.assigned.filter((runner) => this.#runners.has(runner)));
    const turns = { declined, assigned, served_turn, runners, asking: 0 };
    const offer = { job_id, account_id, model, need, ready, ...turns };
    this.#offers.set(job_id, offer);
    const [oldest] = this.#offers.keys();
    if (this.#offers.size > LIMITS.offers_per_dispatcher_max && oldest !== undefined)
      this.#offers.delete(oldest);
    this.#wakeFor(offer);
    return { runners_capable: runners };
  }

  /** Forgets a runner that goes. Its request may still be parked: nobody tells when a client hangs up. */
  leave(runner: RunnerId): void {
    this.#waiting.get(runner)?.giveUp();
    this.#runners.delete(runner);
  }

  withdraw(job_id: JobId): void {
    this.#offers.delete(job_id);
    if (this.#offers.size === 0) this.#clientTurns.clear();
  }

  fleet(need: Need, seen_within_ms: number = LIMITS.runner_unseen_ms_max): Fleet {
    this.#forgetUnseen();
    const since_ms = this.#now() - seen_within_ms;
    const counts = new Map<string, number>();
    let runners_capable = 0;
    for (const runner of this.#runners.values()) {
      if (runner.duty !== "work" || runner.seen_ms < since_ms) continue;
      const reasons = explainUnfit(runner, need);
      if (reasons.length === 0) runners_capable += 1;
      for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return { runners_capable, mismatches: [...counts].map(([reason, runners]) => ({ reason, runners })) };
  }

  /** What waits for runners, for one of them to see; of too many jobs, those that were offered last. */
  demand(runner: RunnerId): OwnDemand {
    this.#forgetUnseen();
    const open = [...this.#offers.values()]
      .filter(({ ready, need }) => ready > 0 && isGranted(runner, need))
      .slice(-LIMITS.demand_jobs_max);
    const jobs = open.map(({ job_id, model, need, ready, declined }) => ({
      job_id,
      model,
      need,
      ready,
      isDeclined: declined.has(runner),
    }));
    return { jobs, duty: this.#runners.get(runner)?.duty ?? null };
  }

  roster(need: Need): RosterEntry[] {
    this.#forgetUnseen();
    return renderRoster(this.#runners.values(), need, this.#random);
  }

  stats(): { runners_seen: number; parked: number; offers: number } {
    this.#forgetUnseen();
    return { runners_seen: this.#runners.size, parked: this.#waiting.size, offers: this.#offers.size };
  }

  /** Asks a job for leases. A job that cannot be asked loses its offer: its aggregator makes it again. */
  async #ask(offer: OpenOffer, runner: SeenRunner, leases_max: number): Promise<Lease[]> {
    const { job_id, runners } = offer;
    const { id, passed, duty, capability } = runner;
    const referee = duty === "disputes";
    const served = ++this.#turn;
    offer.served_turn = served;
    this.#noteClient(offer.account_id, served);
    // What this runner will probably get is no longer there for the others that look meanwhile.
    if (!referee && offer.ready > 0)
      offer.ready -= Math.min(leases_max, offer.ready, fairShare(offer.ready, runners));
    const wasAssigned = offer.assigned.delete(id);
    offer.asking += 1;
    try {
      const classes = capability.engines.map(classOf);
      const grant = await this.#lease({ job_id, runner: id, leases_max, runners, passed, referee, classes });
      offer.asking -= 1;
      // It got all that it asked for: more may have been drawn for it.
      if (wasAssigned && grant.leases.length >= leases_max) offer.assigned.add(id);
      this.#learn(offer, id, grant);
      return grant.leases;
    } catch (error) {
      console.error(JSON.stringify({ event: "dispatcher.lease_failed", job_id, error: String(error) }));
      if (this.#offers.get(job_id) === offer) this.withdraw(job_id);
      return [];
    }
  }

  /** Remembers when a client was served; of too many, the one served longest ago is forgotten. */
  #noteClient(account: AccountId, served: number): void {
    this.#clientTurns.delete(account);
    this.#clientTurns.set(account, served);
    const [oldest] = this.#clientTurns.keys();
    if (this.#clientTurns.size > LIMITS.offers_per_dispatcher_max && oldest !== undefined)
      this.#clientTurns.delete(oldest);
  }

  /** Takes in how many leases a job is still open for. An offer without any is dropped. */
  #learn(asked: OpenOffer, runner: RunnerId, grant: { leases: Lease[]; ready: number }): void {
    const current = this.#offers.get(asked.job_id);
    if (current === undefined) return;
    if (current === asked) {
      current.ready = grant.ready;
      if (grant.leases.length === 0) current.declined.add(runner);
    } else {
      // An offer came while the question was out, and which of the two is newer is not known: too many wakes somebody
      // in vain, too few would leave work lying.
      current.ready = Math.max(current.ready, grant.ready);
    }
    if (current.ready > 0) this.#wakeFor(current);
    else if (current.asking === 0 && current.assigned.size === 0) this.withdraw(current.job_id);
  }

  /** Wakes whoever checks of the job wait for, and as many fitting runners as it has leases for besides. */
  #wakeFor(offer: OpenOffer): void {
    let wanted = offer.ready;
    for (const id of offer.assigned) {
      const waiter = this.#waiting.get(id);
      if (waiter === undefined || !isAssigned(offer, waiter.runner)) continue;
      if (waiter.runner.duty === "work") wanted -= 1;
      waiter.wake(offer);
    }
    for (const { runner, wake } of this.#waiting.values()) {
      if (wanted <= 0) return;
      if (!fits(offer, runner)) continue;
      wanted -= 1;
      wake(offer);
    }
  }

  /** @returns the offer to look at; null when the time is over, or the runner has asked anew and this request was given up */
  #park(runner: SeenRunner, wait_ms: number): Promise<OpenOffer | null> {
    const { promise, resolve } = Promise.withResolvers<OpenOffer | null>();
    this.#waiting.get(runner.id)?.giveUp();
    const leave = (woken: OpenOffer | null): void => {
      clearTimeout(timer);
      if (this.#waiting.get(runner.id) === waiter) this.#waiting.delete(runner.id);
      resolve(woken);
    };
    const timer = setTimeout(() => leave(null), wait_ms);
    const waiter: Waiter = { runner, wake: leave, giveUp: () => leave(null) };
    this.#waiting.set(runner.id, waiter);
    return promise;
  }

  #countCapable(need: Need): number {
    this.#forgetUnseen();
    let count = 0;
    for (const runner of this.#runners.values())
      if (runner.duty === "work" && isFit(runner, need)) count += 1;
    return count;
  }

  #forgetUnseen(): void {
    const since_ms = this.#now() - LIMITS.runner_unseen_ms_max;
    for (const [runner, { seen_ms }] of this.#runners) if (seen_ms < since_ms) this.#runners.delete(runner);
  }
}
