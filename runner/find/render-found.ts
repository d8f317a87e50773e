import { priceOf } from "@infernet/protocol/peers/match-peer";
import { vramOf } from "@infernet/schemas/peer/discovery-label";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import { renderTable } from "../earnings/render-table.ts";
import { renderBytes } from "../hardware/render-bytes.ts";
import type { FoundPeer } from "../p2p/discovery/find-peers.ts";

/** What a search came to. */
export interface Findings {
  query: PeerQuery;
  /** In the order in which they are to be tried. */
  found: readonly FoundPeer[];
  /** Peers that were asked for records. */
  asked: number;
  ms: number;
}

/** As scripts read it. */
export function renderFoundJson({ query, found, asked, ms }: Findings): string {
  const data = found.map(({ record, score, attestations }) => {
    const { runner: id, type: _, attestations: __, ...said } = record;
    return { id, ...said, score, attestations };
  });
  return `${JSON.stringify({ query, data, asked, ms: Math.round(ms) }, null, 2)}\n`;
}

const HEAD = ["takes work", "engines", "GPU", "memory", "asks", "score", "region", "reached", "id"];
const RIGHT = [4, 5];

/** As a person reads it: a line for each machine, and a sentence about all. */
export function renderFound({ query, found, asked, ms }: Findings): string {
  const took = `${(ms / 1_000).toFixed(1)} s, ${count(asked, "peer")} asked`;
  if (found.length === 0) return `No machine is announced that fits (${took}).\n`;
  const rows = found.map((peer) => rowOf(peer, query));
  const lines = renderTable([HEAD, ...rows], RIGHT);
  const notes = [
    "asks: micro-units for an hour of a core. score: the lowest of the networks named with --trust.",
    "Machines say all of this themselves, but for the score.",
  ];
  return [...lines, "", `${count(found.length, "machine")} in ${took}.`, ...notes, ""].join("\n");
}

function rowOf({ record, score }: FoundPeer, query: PeerQuery): string[] {
  const { capability, availability, addresses, runner } = record;
  const vram_bytes = vramOf(capability);
  const card = capability.gpus.find((gpu) => gpu.vram_bytes === vram_bytes);
  const engines = capability.engines.map(
    ({ engine, execution_provider }) => `${engine}/${execution_provider}`,
  );
  return [
    ...[availability, [...new Set(engines)].join(" ")],
    card === undefined ? "none" : `${renderBytes(vram_bytes)} ${card.name}`,
    renderBytes(capability.memory_bytes),
    priceOf(record, query),
    score === null ? "-" : score.toFixed(2),
    capability.region ?? "-",
    wayTo(addresses),
    runner,
  ];
}

function wayTo(addresses: readonly string[]): string {
  if (addresses.length === 0) return "not at all";
  return addresses.every((address) => address.includes("/p2p-circuit")) ? "by a relay" : "directly";
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
