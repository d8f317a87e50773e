import { LIMITS } from "@infernet/schemas/limits";
import { createRandom, type Random } from "../random.ts";
import { BOOTSTRAP_NODES, GrownNetwork } from "./grown-network.ts";
import { type KadParams, OUR_PARAMS } from "./kad-params.ts";
import { grow, type Habits, type HourOfANode, liveThrough } from "./live-through.ts";
import { measureNetwork, type NetworkReport } from "./measure-network.ts";

/** A network to be grown and measured. */
export interface NetworkPlan {
  nodes: number;
  params: KadParams;
  /**
   * Of a large network only the part is grown whose ids share so many first bits: each node of the whole has as many contacts in that part as a
   * node of it, so what a look-up finds there is what it finds in any other. Its tables fill as many times faster as there are parts.
   */
  part_bits: number;
}

const plan = (nodes: number, part_bits: number, params: Partial<KadParams> = {}): NetworkPlan => ({
  nodes,
  part_bits,
  params: { ...OUR_PARAMS, ...params },
});

/** What the page has: the sizes, with the library's buckets and with as many bits of prefix as the size asks for. */
export const PLANS: readonly NetworkPlan[] = [
  plan(50, 0),
  plan(50, 0, { forgets: true }),
  plan(1_000, 0),
  plan(1_000, 0, { forgets: true }),
  plan(1_000, 0, { k: 20, forgets: true }),
  plan(10_000, 2, { forgets: true }),
  plan(10_000, 2, { prefix_bits: 10, forgets: true }),
  plan(100_000, 5, { forgets: true }),
  plan(100_000, 5, { k: 20, forgets: true }),
  plan(100_000, 5, { prefix_bits: 13, forgets: true }),
  plan(1_000_000, 6, { forgets: true }),
];

const MINUTE_MS = 60_000;

/**
 * As our nodes renew what they say. Three labels each, of as many as a busy network might have; four hours is a short stay for a machine
 * that earns: assumptions, both.
 */
export const HABITS: Habits = {
  renew_min: LIMITS.peer_record_renew_ms / MINUTE_MS,
  label_min: LIMITS.peer_label_nearest_ms / MINUTE_MS,
  labels_each: 3,
  labels: 200,
  session_hours: 4,
};

const GROW_MIN = 60;
/** How long a network lives before it is measured: large ones less, for their parts fill sooner. */
const liveMinutes = (nodes: number): number => (nodes > 100_000 ? 5 : nodes > 10_000 ? 10 : 30);
/** Larger ones than this are not killed: what happens then depends on k, not on how many there are. */
const KILLED_NODES_MAX = 10_000;
const LOOK_UPS = 500;
const KILLED_SHARE = 0.3;

export interface PlanReport {
  plan: NetworkPlan;
  hour: HourOfANode;
  settled: NetworkReport;
  /** Right after three tenths of the nodes went at once, and when the rest has renewed what it stores; null for large ones. */
  killed: { at_once: NetworkReport; renewed: NetworkReport } | null;
}

export function runPlan(plan: NetworkPlan, seed: number): PlanReport {
  const random = createRandom(seed, `kademlia ${JSON.stringify(plan)}`);
  const { nodes, part_bits, params } = plan;
  const prefix_bits = Math.max(0, params.prefix_bits - part_bits);
  const network = new GrownNetwork({ ...params, prefix_bits }, random);
  grow(network, Math.round(nodes / 2 ** part_bits), GROW_MIN);
  const hour = liveThrough(network, HABITS, liveMinutes(nodes), random);
  const measure = (): NetworkReport => scale(measureNetwork(network, LOOK_UPS, random), part_bits);
  const settled = measure();
  if (nodes > KILLED_NODES_MAX) return { plan, hour, settled, killed: null };
  kill(network, KILLED_SHARE, random);
  const at_once = measure();
  liveThrough(network, HABITS, HABITS.renew_min, random);
  return { plan, hour, settled, killed: { at_once, renewed: measure() } };
}

export function kill(network: GrownNetwork, share: number, random: Random): void {
  for (const node of [...network.living])
    if (node >= BOOTSTRAP_NODES && random.next() < share) network.leave(node);
}

const scale = (report: NetworkReport, part_bits: number): NetworkReport => ({
  ...report,
  nodes: report.nodes * 2 ** part_bits,
  contacts_mean: report.contacts_mean * 2 ** part_bits,
});
