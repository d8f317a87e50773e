import { renderCount } from "../../cli/render-count.ts";
import { renderTime } from "../../cli/render-time.ts";
import type { ConnectedPeer, PeersReport } from "../../control/peers-report.ts";
import { renderBytes } from "../../hardware/render-bytes.ts";
import { ALONE_FIX, renderAlone } from "../join/render-alone.ts";
import { renderReachability } from "../node/reachability.ts";

/** Connections that a person is shown. */
const PEERS_SHOWN = 20;

/** A runner's peers, for its owner. */
export function renderPeers(report: PeersReport, now_ms: number): string {
  const { addresses, peers, received_bytes, sent_bytes } = report;
  const lines = [
    `state     ${renderPeersState(report)}`,
    ...(report.reachability === null
      ? []
      : [`others    This machine ${renderReachability(report.reachability)}.`]),
    ...addresses.map((address, n) => `${n === 0 ? "reached  " : "         "} ${address}`),
    ...(report.reachability === null
      ? []
      : [`traffic   ${renderBytes(received_bytes)} received, ${renderBytes(sent_bytes)} sent`]),
    ...(report.state === "alone" && report.tried.length > 0
      ? ["", `${renderAlone(report.tried)}.`, ALONE_FIX]
      : []),
    ...(peers.length > 0 ? ["", ...peers.slice(0, PEERS_SHOWN).map((peer) => renderPeer(peer, now_ms))] : []),
    ...(peers.length > PEERS_SHOWN ? [`and ${peers.length - PEERS_SHOWN} more: --json lists them`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** Where it stands, in a few words. */
export function renderPeersState({ state, failure, peers }: PeersReport): string {
  switch (state) {
    case "off":
      return "off: the settings say so";
    case "waiting":
      return "nobody names a peer to begin with: the edge has none, and peers.bootstrap is empty";
    case "opening":
      return "opening";
    case "alone":
      return "alone: nobody answers, or has come";
    case "among_peers":
      return `in the network of peers, with ${renderCount(peers.length, "connection")}`;
    case "failed":
      return `could not be opened: ${failure ?? "for no reason that is known"}`;
    default:
      return state satisfies never;
  }
}

const WAYS: Readonly<Record<ConnectedPeer["way"], string>> = {
  direct: "directly",
  hole_punched: "directly, after a relay brought them together",
  relayed: "by way of a relay",
};

function renderPeer(
  { id, address, way, direction, since, rtt_ms, streams }: ConnectedPeer,
  now_ms: number,
): string {
  const who = direction === "inbound" ? "came" : "was gone to";
  return [
    `${id}\n  ${who} ${WAYS[way]}, ${renderTime(now_ms - Date.parse(since))} ago`,
    ...(rtt_ms === null ? [] : [`${Math.round(rtt_ms)} ms there and back`]),
    renderCount(streams, "stream"),
    address,
  ].join(", ");
}
