import { Unit } from "@infernet/schemas/ledger";
import {
  LATENCY_BUCKETS,
  type Offence,
  type ReputationEvent,
  type WorkTally,
} from "@infernet/schemas/provider";
import fc from "fast-check";
import { banFor } from "../ban-rules.ts";
import { holdUntil } from "../holds.ts";
import { sampleJob } from "./sample-ids.ts";

type EventOf<Kind extends ReputationEvent["kind"]> = Extract<ReputationEvent, { kind: Kind }>;

const CREDIT = Unit.parse("credit");

export const HOUR = 3_600_000;
/** The latest time in a random ledger. */
export const LEDGER_END = 1_000 * HOUR;

const NOTHING: WorkTally = {
  shards_completed: 0,
  rows_completed: 0,
  shards_failed: 0,
  shards_expired: 0,
  audits_passed: 0,
  rows_audited: 0,
  audits_made: 0,
  latency: Array.from({ length: LATENCY_BUCKETS }, () => 0),
  compute_ms_total: 0,
  earned_micro: "0",
};

/** Work in job number `job`, held for a day. */
export const work = (job: number, at_ms: number, tally: Partial<WorkTally> = {}): EventOf<"work"> => ({
  kind: "work",
  id: sampleJob(job),
  at_ms,
  tally: { ...NOTHING, ...tally },
  held_until_ms: holdUntil(at_ms, 24 * HOUR),
  pay: { unit: CREDIT, escrow: null, fee_micro: "0" },
});

export const uptime = (from_ms: number, to_ms: number): EventOf<"uptime"> => ({
  kind: "uptime",
  id: `uptime_${from_ms}`,
  at_ms: to_ms,
  from_ms,
  to_ms,
});

export const conviction = (job: number, at_ms: number, as: Offence = "answer"): EventOf<"convicted"> => ({
  kind: "convicted",
  id: sampleJob(job),
  at_ms,
  job_id: sampleJob(job),
  shard: 0,
  as,
  partial: false,
});

export const lift = ({ id }: { id: string }, at_ms: number): EventOf<"ban_lifted"> => ({
  kind: "ban_lifted",
  id,
  at_ms,
  detail: "",
});

export const amnesty = (id: string, from_ms: number, to_ms: number): EventOf<"amnesty"> => ({
  kind: "amnesty",
  id,
  at_ms: to_ms,
  from_ms,
  to_ms,
  detail: "",
});

const time = fc.nat({ max: LEDGER_END });
const few = fc.nat({ max: 20 });

const tally = fc.record({
  shards_completed: few,
  rows_completed: few,
  shards_failed: few,
  shards_expired: few,
  audits_passed: few,
  rows_audited: few,
  audits_made: few,
  earned_micro: fc.nat({ max: 1_000_000 }).map(String),
  latency: fc.array(few, { minLength: LATENCY_BUCKETS, maxLength: LATENCY_BUCKETS }),
});

/** Work in one of a few jobs, so that several versions of one meet; a version is known by its time. */
const someWork = fc
  .tuple(fc.nat({ max: 12 }), time, tally)
  .map(([job, at_ms, sums]) => work(job, at_ms, sums));
const someUptime = fc.tuple(time, few).map(([from, hours]) => uptime(from, from + hours * HOUR));
const someConviction = fc
  .tuple(fc.nat({ max: 20 }), time, few, fc.boolean())
  .map(([job, at_ms, before, lifted]): ReputationEvent[] => {
    const convicted = conviction(job, at_ms);
    return [convicted, banFor(convicted, before % 3), ...(lifted ? [lift(convicted, at_ms + HOUR)] : [])];
  });
const someAmnesty = fc
  .tuple(time, few)
  .map(([from, hours]) => amnesty(`amnesty_${from}`, from, from + hours * HOUR));

/** A ledger's entries, each once, in any order. */
export const someLedger: fc.Arbitrary<ReputationEvent[]> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: someWork }, someUptime), { maxLength: 20 }),
    fc.array(
      fc.oneof(
        someConviction,
        someAmnesty.map((event): ReputationEvent[] => [event]),
      ),
      {
        maxLength: 3,
      },
    ),
  )
  .map(([common, rare]) => distinct([...common, ...rare.flat()]))
  .chain((events) => fc.shuffledSubarray(events, { minLength: events.length }));

/** Of two entries with one name, and for work of one time, the first. */
function distinct(events: readonly ReputationEvent[]): ReputationEvent[] {
  const byName = new Map<string, ReputationEvent>();
  for (const event of events) {
    const name = `${event.kind} ${event.id} ${event.kind === "work" ? event.at_ms : ""}`;
    if (!byName.has(name)) byName.set(name, event);
  }
  return [...byName.values()];
}
