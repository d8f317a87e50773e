import { createRandom, pick } from "../random.ts";
import { GrownNetwork } from "./grown-network.ts";
import { type KadParams, OUR_PARAMS } from "./kad-params.ts";
import { distance, nearestOf } from "./key-space.ts";
import { grow, liveThrough, recordKeyOf, recordOf } from "./live-through.ts";
import { HABITS } from "./networks.ts";

export interface EclipsePlan {
  nodes: number;
  /** Ids that the attacker has ground: each nearer to the key than any honest one, with a machine or a port behind it. */
  ids: number;
  params: KadParams;
  /** How long they have been there when it is measured; nodes come and go meanwhile. */
  waited_min: number;
  /** How many networks are grown for one figure. */
  networks: number;
}

export interface EclipseReport {
  plan: EclipsePlan;
  /** Look-ups for the record that come by nobody who has it and shows it. */
  hidden_share: number;
  /** Look-ups under the key taken for a label that get an attacker's word first, and end with it. */
  first_share: number;
}

const LOOK_UPS_EACH = 40;

/** Somebody puts ids around one record's key, and hides it from those who look for it. */
export function runEclipse(plan: EclipsePlan, seed: number): EclipseReport {
  const random = createRandom(seed, `eclipse ${JSON.stringify(plan)}`);
  let hidden = 0;
  let first = 0;
  let asked = 0;
  for (let n = 0; n < plan.networks; n += 1) {
    const network = new GrownNetwork(plan.params, random);
    grow(network, plan.nodes, 60);
    const owner = pick(random, network.living);
    const key = recordKeyOf(owner);
    const ids = network.living.map((node) => network.idOf[node] as number).sort((a, b) => a - b);
    const nearest = ids[nearestOf(ids, key, 1)[0] as number] as number;
    const radius = Math.max(plan.ids * 2, distance(nearest, key));
    for (let id = 0; id < plan.ids; id += 1) network.attack((key ^ random.below(radius)) >>> 0);
    if (plan.waited_min > 0) liveThrough(network, HABITS, plan.waited_min, random);
    if (!network.isThere(owner)) continue;
    network.store(owner, key, recordOf(owner));
    const honest = network.living.filter((node) => !network.isAttacker(node) && node !== owner);
    for (let look = 0; look < LOOK_UPS_EACH; look += 1) {
      const { answered } = network.look(pick(random, honest), key);
      const shows = (node: number): boolean => network.keeps(node, recordOf(owner));
      asked += 1;
      if (!answered.some(shows)) hidden += 1;
      const one = answered.find((node) => shows(node) || network.isAttacker(node));
      if (one !== undefined && network.isAttacker(one)) first += 1;
    }
  }
  return { plan, hidden_share: hidden / asked, first_share: first / asked };
}

const IDS = [0, 4, 8, 16, 32, 64] as const;
const NODES = 1_000;
const NETWORKS = 20;
/** Of those that live for a while, which takes longer. */
const NETWORKS_THAT_LIVE = 4;

const plansOf = (params: Partial<KadParams>, ids: readonly number[], waited_min: number): EclipsePlan[] =>
  ids.map((count) => ({
    nodes: NODES,
    ids: count,
    params: { ...OUR_PARAMS, forgets: true, ...params },
    waited_min,
    networks: waited_min > 0 ? NETWORKS_THAT_LIVE : NETWORKS,
  }));

/** Attackers that have just come, with the library's buckets and finer ones, with a larger k, and those that have been there for half an hour. */
export const ECLIPSES: readonly EclipsePlan[] = [
  ...plansOf({}, IDS, 0),
  ...plansOf({ prefix_bits: 10 }, IDS, 0),
  ...plansOf({ k: 20 }, IDS, 0),
  ...plansOf({}, [4, 8, 16], 30),
];
