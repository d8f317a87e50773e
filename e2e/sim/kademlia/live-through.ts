import type { Random } from "../random.ts";
import { BOOTSTRAP_NODES, type GrownNetwork, type Traffic } from "./grown-network.ts";
import { LIBRARY } from "./kad-params.ts";
import { mix } from "./latency.ts";
import type { LookUp } from "./look-up.ts";

/** What nodes do of our own accord besides what the library does, and how long they stay. */
export interface Habits {
  /** How often a node puts its record, and hands it to the keepers of each of its labels. */
  renew_min: number;
  /** How often it looks those up and announces itself to them. */
  label_min: number;
  labels_each: number;
  /** Labels that there are in the whole network; each node has its own by chance. */
  labels: number;
  /** Mean time that a node stays, exponential. */
  session_hours: number;
}

export interface HourOfANode extends Traffic {
  pings: number;
}

/** Grows a network to `nodes` within the given minutes. */
export function grow(network: GrownNetwork, nodes: number, minutes: number): void {
  for (let n = 0; n < nodes; n += 1) {
    network.join();
    network.now_min += minutes / nodes;
  }
}

/**
 * Lets time pass: everybody looks for itself, refreshes, and renews what it has stored; some leave, and as many come. Returns what a node did in an hour of it.
 */
export function liveThrough(
  network: GrownNetwork,
  habits: Habits,
  minutes: number,
  random: Random,
): HourOfANode {
  const before = { ...network.traffic, pings: network.pings };
  const step = LIBRARY.refresh_min;
  const { renew_min, label_min, session_hours } = habits;
  const stays = Math.exp(-step / 60 / session_hours);
  const isTurn = (node: number, every_min: number): boolean =>
    (Math.round(network.now_min / step) + node) % Math.ceil(every_min / step) === 0;
  for (let passed = 0; passed < minutes; passed += step) {
    network.now_min += step;
    for (const node of [...network.living]) {
      if (node >= BOOTSTRAP_NODES && random.next() > stays) {
        network.leave(node);
        const next = network.join();
        putRecord(network, next);
        announce(network, next, habits);
        continue;
      }
      network.querySelf(node);
      network.refresh(node);
      if (isTurn(node, renew_min)) {
        putRecord(network, node);
        network.traffic.stores += habits.labels_each * network.params.k;
      }
      if (isTurn(node, label_min)) announce(network, node, habits);
    }
  }
  const hours = (minutes / 60) * network.living.length;
  const { look_ups, questions, gone, stores } = network.traffic;
  return {
    look_ups: (look_ups - before.look_ups) / hours,
    questions: (questions - before.questions) / hours,
    gone: (gone - before.gone) / hours,
    stores: (stores - before.stores) / hours,
    pings: (network.pings - before.pings) / hours,
  };
}

/** A node's record is kept under a key of its own; labels are shared. */
export const recordKeyOf = (node: number): number => mix(node, 0x5265636f);
const labelKeyOf = (label: number): number => mix(label, 0x4c616265);
export const recordOf = (node: number): string => `record of ${node}`;

const putRecord = (network: GrownNetwork, node: number): LookUp =>
  network.store(node, recordKeyOf(node), recordOf(node));

function announce(network: GrownNetwork, node: number, { labels_each, labels }: Habits): void {
  for (let n = 0; n < labels_each; n += 1) {
    const label = mix(node, n) % labels;
    network.store(node, labelKeyOf(label), `label ${label} of ${node}`);
  }
}
