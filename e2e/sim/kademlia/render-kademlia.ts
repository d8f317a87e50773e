import { formatNumber } from "../../bench/format-number.ts";
import type { Table } from "../render-tables.ts";
import type { EclipseReport } from "./eclipse.ts";
import { shardsFor, weighLabel } from "./hot-label.ts";
import type { KadParams } from "./kad-params.ts";
import { bytesOfAnHour } from "./message-bytes.ts";
import type { PlanReport } from "./networks.ts";

export const renderKademlia = (
  networks: readonly PlanReport[],
  eclipses: readonly EclipseReport[],
): Table[] => [
  { name: "kademlia-look-ups", title: "Look-ups", ...renderLookUps(networks) },
  { name: "kademlia-traffic", title: "An hour of one node", ...renderTraffic(networks) },
  { name: "kademlia-killed", title: "Three tenths of the nodes gone at once", ...renderKilled(networks) },
  { name: "kademlia-labels", title: "One label", ...renderLabels() },
  { name: "kademlia-eclipse", title: "Ids around one key", ...renderEclipses(eclipses) },
];

const nameOf = (nodes: number, { k, prefix_bits, forgets }: KadParams): string =>
  `${formatNumber(nodes)}, k ${k}, ${prefix_bits} bits${forgets ? "" : ", gone ones kept"}`;

const renderLookUps = (networks: readonly PlanReport[]) => ({
  header: [
    "nodes",
    "contacts",
    "messages",
    "hops",
    "p50 ms",
    "p95 ms",
    "record p50 ms",
    "record p95 ms",
    "records found",
    "nearest k found",
    "nodes that are named",
    "busiest node",
  ],
  rows: networks.map(({ plan, settled }) => [
    nameOf(plan.nodes, plan.params),
    formatNumber(Math.round(settled.contacts_mean)),
    settled.messages_mean.toFixed(1),
    settled.hops_mean.toFixed(1),
    ...[settled.p50_ms, settled.p95_ms, settled.record_p50_ms, settled.record_p95_ms].map(wholeMs),
    ...[settled.found_share, settled.nearest_share, settled.named_share].map(percent),
    `x ${settled.busiest_times.toFixed(1)}`,
  ]),
});

const renderTraffic = (networks: readonly PlanReport[]) => ({
  header: ["nodes", "look-ups", "questions", "to nobody", "stores", "pings", "MB"],
  rows: networks.map(({ plan, hour }) => [
    nameOf(plan.nodes, plan.params),
    ...[hour.look_ups, hour.questions, hour.gone, hour.stores, hour.pings].map((count) =>
      formatNumber(Math.round(count)),
    ),
    (bytesOfAnHour(hour, plan.params.k) / 1e6).toFixed(1),
  ]),
});

const renderKilled = (networks: readonly PlanReport[]) => ({
  header: [
    "nodes before",
    "records found at once",
    "after 10 min",
    "messages",
    "to nobody",
    "record p50 ms",
    "record p95 ms",
    "after 10 min, p95 ms",
  ],
  rows: networks.flatMap(({ plan, killed }) => {
    if (killed === null) return [];
    const { at_once, renewed } = killed;
    const row = [
      nameOf(plan.nodes, plan.params),
      percent(at_once.found_share),
      percent(renewed.found_share),
      at_once.messages_mean.toFixed(1),
      at_once.gone_mean.toFixed(1),
      ...[at_once.record_p50_ms, at_once.record_p95_ms, renewed.record_p95_ms].map(wholeMs),
    ];
    return [row];
  }),
});

/** Machines under one label, and the processor time of a connection that comes in (`npm run bench -- edge-peer` prints one). */
const LABELS = [50, 1_000, 4_096, 20_000, 100_000, 1_000_000];
const HANDSHAKE_MS = 10;

function renderLabels() {
  const rows = LABELS.flatMap((machines) =>
    [...new Set([1, shardsFor(machines)])].map((shards) => weighLabel(machines, shards, HANDSHAKE_MS)),
  );
  return {
    header: ["machines under it", "parts", "records in a second", "KB in a second", "kept", "of a core"],
    rows: rows.map((one) => [
      formatNumber(one.machines),
      String(one.shards),
      one.handed_per_second.toFixed(1),
      (one.handed_bytes_per_second / 1e3).toFixed(1),
      percent(one.kept_share),
      percent(one.handshake_share),
    ]),
  };
}

function renderEclipses(eclipses: readonly EclipseReport[]) {
  return {
    header: ["ids", "k", "bits", "there for", "record hidden", "attacker answers a label first"],
    rows: eclipses.map(({ plan, hidden_share, first_share }) => [
      String(plan.ids),
      String(plan.params.k),
      String(plan.params.prefix_bits),
      plan.waited_min === 0 ? "just come" : `${plan.waited_min} min`,
      percent(hidden_share),
      percent(first_share),
    ]),
  };
}

const wholeMs = (ms: number): string => formatNumber(Math.round(ms));

/** Two figures behind the point only where they say something. */
function percent(share: number): string {
  const value = 100 * share;
  return `${value > 0 && value < 100 && (value < 1 || value > 99) ? value.toFixed(2) : Math.round(value)} %`;
}
