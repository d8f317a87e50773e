import { quantile } from "../../bench/quantile.ts";
import { pick, type Random } from "../random.ts";
import type { GrownNetwork } from "./grown-network.ts";
import { KEY_SPACE, type Key, nearestOf } from "./key-space.ts";
import { recordKeyOf, recordOf } from "./live-through.ts";

export interface NetworkReport {
  nodes: number;
  contacts_mean: number;
  /** Of one look-up. */
  messages_mean: number;
  gone_mean: number;
  hops_mean: number;
  p50_ms: number;
  p95_ms: number;
  /** Until the first who keeps a record has answered. */
  record_p50_ms: number;
  record_p95_ms: number;
  /** Of the k nodes that are nearest to a key, how many a look-up ends at. */
  nearest_share: number;
  /** Look-ups for the record of a living node that has put one that come by somebody who keeps it. */
  found_share: number;
  /** Look-ups for a living node's id in whose answers it is named. */
  named_share: number;
  /** Questions to the node that is asked most, beside the mean. */
  busiest_times: number;
}

/** Looks for keys, records and nodes that are drawn at random, by askers that are. */
export function measureNetwork(network: GrownNetwork, look_ups: number, random: Random): NetworkReport {
  const { living, idOf, params } = network;
  const sorted = [...living].sort((a, b) => (idOf[a] as Key) - (idOf[b] as Key));
  const ids = sorted.map((node) => idOf[node] as Key);
  network.asked.fill(0);
  const found = Array.from({ length: look_ups }, () => {
    const key = Math.floor(random.next() * KEY_SPACE);
    const asker = pick(random, living);
    const look = network.look(asker, key);
    const nearest = nearestOf(ids, key, params.k + 1)
      .map((at) => sorted[at] as number)
      .filter((node) => node !== asker)
      .slice(0, params.k);
    const share = nearest.filter((node) => look.nearest.includes(node)).length / nearest.length;
    return { ...look, share };
  });
  const most = living.reduce((max, node) => Math.max(max, network.asked[node] as number), 0);
  const all = living.reduce((sum, node) => sum + (network.asked[node] as number), 0);
  const owners = living.filter((node) => network.keeps(node, recordOf(node)));
  const records = Array.from({ length: look_ups }, () => {
    const owner = pick(random, owners);
    const { answered, answered_ms } = network.look(pick(random, living), recordKeyOf(owner));
    const at = answered.findIndex((node) => network.keeps(node, recordOf(owner)));
    return answered_ms[at] ?? null;
  });
  const record_ms = records.filter((ms) => ms !== null);
  const named = Array.from({ length: look_ups }, () => {
    const node = pick(random, living);
    const asker = pick(random, living);
    return (
      network.look(asker, idOf[node] as Key).heard.includes(node) || network.table(asker).has(node, idOf)
    );
  });
  const times = found.map(({ ms }) => ms);
  return {
    nodes: living.length,
    contacts_mean: mean(living.map((node) => network.table(node).size)),
    messages_mean: mean(found.map(({ messages }) => messages)),
    gone_mean: mean(found.map(({ gone }) => gone.length)),
    hops_mean: mean(found.map(({ hops }) => hops)),
    p50_ms: quantile(times, 0.5),
    p95_ms: quantile(times, 0.95),
    record_p50_ms: quantile(record_ms, 0.5),
    record_p95_ms: quantile(record_ms, 0.95),
    nearest_share: mean(found.map(({ share }) => share)),
    found_share: record_ms.length / records.length,
    named_share: mean(named.map(Number)),
    busiest_times: most / (all / living.length),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
