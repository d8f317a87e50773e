import type { MicroAmount } from "@infernet/schemas/money";
import { hasVram, vramOf } from "@infernet/schemas/peer/discovery-label";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import type { PeerRecord } from "@infernet/schemas/peer/peer-record";
import { reachesSandbox } from "@infernet/schemas/sandbox";

/** A peer's record, with its score by the networks that the asker trusts. */
export interface PeerSeen {
  record: PeerRecord;
  /** See `trustedScore`. */
  score: number | null;
}

/** Whether a query wants a machine, by what its record says. One that has stopped is wanted by none. */
export function isWanted({ record, score }: PeerSeen, query: PeerQuery): boolean {
  const { capability, services, models, direct } = record;
  const { model, vram_gib_min = 0, memory_bytes_min = 0, regions, payment, service, trusted } = query;
  if (record.availability === "gone" || (query.open === true && record.availability !== "open")) return false;
  if (model !== undefined && !models.includes(model)) return false;
  if (!hasVram(vramOf(capability), vram_gib_min) || capability.memory_bytes < memory_bytes_min) return false;
  if (regions !== undefined && (capability.region === undefined || !regions.includes(capability.region)))
    return false;
  if (payment !== undefined && !direct?.payments.includes(payment)) return false;
  if (service !== undefined && !services.includes(service)) return false;
  if (trusted !== undefined && (score === null || score < trusted.score_min)) return false;
  return hasEngine(record, query) && isAffordable(record, query);
}

function hasEngine(
  { capability }: PeerRecord,
  { engine, execution_provider, sandbox_min }: PeerQuery,
): boolean {
  return capability.engines.some(
    (offer) =>
      (engine === undefined || offer.engine === engine) &&
      (execution_provider === undefined || offer.execution_provider === execution_provider) &&
      (sandbox_min === undefined || reachesSandbox(offer.sandbox, sandbox_min)),
  );
}

function isAffordable(record: PeerRecord, query: PeerQuery): boolean {
  const { micro_per_core_hour_max: most } = query;
  return most === undefined || BigInt(priceOf(record, query)) <= BigInt(most);
}

/** What it takes for an hour of a reference core, in micro-units, for the kind of work that the query is about. */
export function priceOf({ capability, direct }: PeerRecord, { payment, service }: PeerQuery): MicroAmount {
  const isDirect = payment !== undefined || service === "job";
  if (!isDirect) return capability.asking_micro_per_core_hour ?? "0";
  return payment === "free" ? "0" : (direct?.micro_per_core_hour ?? "0");
}
