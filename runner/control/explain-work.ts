import { explainMismatch } from "@infernet/protocol/match";
import type { Demand, DemandEntry } from "@infernet/schemas/demand";
import { LIMITS } from "@infernet/schemas/limits";
import type { Capability } from "@infernet/schemas/runner";
import type { OwnRecord } from "../transport/edge-client.ts";
import { renderSkew } from "../work/render-skew.ts";
import type { Activity } from "./activity.ts";

/** What waits of one model, and why this machine does not take it. */
export interface ExplainedEntry extends DemandEntry {
  /** One sentence a reason; none when the machine could take it; null when nobody knows what it can. */
  mismatches: string[] | null;
}

export interface WorkExplanation {
  /** Why there is no work, the most telling first; none while there is some. */
  reasons: string[];
  demand: ExplainedEntry[];
}

export interface WorkSituation {
  /** What the running runner says; null when none runs. */
  activity: Activity | null;
  /** What the edge knows of it; null when it was not asked, or knows nothing. */
  record: OwnRecord | null;
  /** Null when the edge was not asked, or did not answer. */
  demand: Demand | null;
}

/** Why a machine has no work, or what waits while it has some. */
export function explainWork(situation: WorkSituation): WorkExplanation {
  const { activity, record, demand } = situation;
  const capability = activity?.capability ?? record?.capability ?? null;
  const entries = (demand?.data ?? []).map((entry) => ({
    ...entry,
    mismatches: capability === null ? null : mismatchesOf(capability, entry),
  }));
  if (activity !== null && activity.now.length > 0) return { reasons: [], demand: entries };
  const reasons = [...explainRunner(situation), ...explainDemand(situation, entries, capability)];
  return { reasons, demand: entries };
}

function mismatchesOf(
  capability: Capability,
  { need, pays_micro_per_core_hour: pays }: DemandEntry,
): string[] {
  return explainMismatch(capability, {
    ...need,
    ...(pays === null ? {} : { micro_per_core_hour: pays.max }),
  });
}

/** What of the machine itself stands in the way. */
function explainRunner({ activity, record, demand }: WorkSituation): string[] {
  if (record?.ban)
    return [
      `The network has banned this machine until ${record.ban.until ?? "further notice"}: ${record.ban.detail}`,
    ];
  if (activity === null) return ["No runner runs here: `infernet-runner start` starts it."];
  const reasons: string[] = [];
  if (activity.state === "draining")
    reasons.push("It is stopping: it finishes what it has and takes nothing new.");
  if (activity.paused !== null) reasons.push(`It is paused: ${activity.paused.reason}.`);
  if (activity.edge_trouble !== null) reasons.push(`The edge is not there for it: ${activity.edge_trouble}`);
  if (activity.clock_skew_ms !== null)
    reasons.push(`${capitalized(renderSkew(activity.clock_skew_ms))}: set it, or its requests are refused.`);
  if (demand?.duty === "disputes")
    reasons.push("It is a referee: it is given disagreements to decide, and they are rare.");
  if (demand?.duty === "none")
    reasons.push("It offers to be a referee, and the operator of the network does not trust this id yet.");
  return reasons;
}

function explainDemand(
  { activity, record, demand }: WorkSituation,
  entries: readonly ExplainedEntry[],
  capability: Capability | null,
): string[] {
  if (demand === null) return [];
  if (demand.shards_waiting === 0)
    return [`No job is waiting for runners. Machines that wait for one: ${demand.runners_waiting}.`];
  if (capability === null)
    return ["The edge does not know this machine yet: it learns what it can do when it starts."];
  const fitting = entries.filter(({ mismatches }) => mismatches?.length === 0);
  if (fitting.length === 0) {
    const others = demand.data.length === 1 ? "it does not fit" : "none of them fits";
    return [`${countWaiting(demand.shards_waiting)}, and ${others} this machine; the list says why.`];
  }
  if (activity === null || activity.state !== "waiting") return [];
  const open = sum(fitting.map((entry) => entry.shards_waiting - entry.shards_declined));
  if (open === 0)
    return [
      "What waits is of jobs in which this machine has done or is not to do a part: others must check it.",
    ];
  if (record?.reputation.is_new)
    return [
      `A new machine gets a small share of each job until ${LIMITS.probation_audits} checks of its work have passed: ${record.reputation.audits_passed} have.`,
    ];
  return [`${countWaiting(open)} and would fit this machine: it is among those that are asked next.`];
}

const sum = (counts: number[]): number => counts.reduce((total, n) => total + n, 0);
const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
const countWaiting = (n: number): string =>
  `${n.toLocaleString("en")} ${n === 1 ? "shard waits" : "shards wait"}`;
