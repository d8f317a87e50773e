import {
  CALL_FAULT_KINDS,
  type CallFault,
  type CallFaultKind,
  type FaultPlan,
  NO_FAULTS,
} from "./fault-plan.ts";

const LATENCY_MS_MAX = 60_000;
/** Less than the chain remembers, so that a stale reader can ask for what is finalized. */
const STALE_SLOTS_MAX = 300;
const COUNT_MAX = 1_000_000;

/** What of a plan somebody names; the rest is off. */
export type FaultChoices = { readonly [Name in keyof FaultPlan]?: FaultPlan[Name] };

/** @throws Error that names the member and its rule */
export function parseFaultPlan(value: unknown): FaultPlan {
  const given = parseMembers(value, "the fault plan", Object.keys(NO_FAULTS));
  const plan = { ...NO_FAULTS, ...given };
  const latency_ms = parseMembers(plan.latency_ms, "latency_ms", ["min", "max"]);
  const max = parseWhole(latency_ms.max, "latency_ms.max", LATENCY_MS_MAX);
  return {
    seed: parseWhole(plan.seed, "seed", 2 ** 32 - 1),
    latency_ms: { min: parseWhole(latency_ms.min, "latency_ms.min", max), max },
    calls: parseCalls(plan.calls),
    drop_share: parseShare(plan.drop_share, "drop_share"),
    delay_slots: parseWhole(plan.delay_slots, "delay_slots", COUNT_MAX),
    expire_blockhashes: parseBoolean(plan.expire_blockhashes, "expire_blockhashes"),
    hide_status_polls: parseWhole(plan.hide_status_polls, "hide_status_polls", COUNT_MAX),
    stale_account_slots: parseWhole(plan.stale_account_slots, "stale_account_slots", STALE_SLOTS_MAX),
    mute_notifications: parseBoolean(plan.mute_notifications, "mute_notifications"),
  };
}

function parseCalls(value: unknown): CallFault[] {
  if (!Array.isArray(value)) throw new Error("calls must be an array");
  return value.map((entry: unknown) => {
    const { method, share, kind } = parseMembers(entry, "an entry of calls", ["method", "share", "kind"]);
    if (typeof method !== "string" || method === "")
      throw new Error("method must name an RPC method, or be *");
    if (!isKind(kind)) throw new Error(`kind must be one of ${CALL_FAULT_KINDS.join(", ")}`);
    return { method, share: parseShare(share, "share"), kind };
  });
}

function parseMembers(value: unknown, name: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${name} must be an object`);
  const unknown = Object.keys(value).find((member) => !known.includes(member));
  if (unknown !== undefined)
    throw new Error(`${name} has no member ${unknown}; it may have ${known.join(", ")}`);
  return { ...value };
}

function parseWhole(value: unknown, name: string, max: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new Error(`${name} must be a whole number from 0 to ${max}`);
}

function parseShare(value: unknown, name: string): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new Error(`${name} must be a number from 0 to 1`);
}

function parseBoolean(value: unknown, name: string): boolean {
  if (typeof value === "boolean") return value;
  throw new Error(`${name} must be true or false`);
}

const isKind = (value: unknown): value is CallFaultKind => CALL_FAULT_KINDS.some((kind) => kind === value);
