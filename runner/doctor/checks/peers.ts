import { connect } from "node:net";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { z } from "zod";
import { loadSettings } from "../../config/load-settings.ts";
import { askPeers } from "../../control/ask-peers.ts";
import type { PeersReport } from "../../control/peers-report.ts";
import { renderPeersState } from "../../p2p/commands/render-peers.ts";
import { ALONE_FIX, renderAlone } from "../../p2p/join/render-alone.ts";
import { renderReachability } from "../../p2p/node/reachability.ts";
import { type Check, type Finding, type Patient, pass, warn } from "../check.ts";
import { edgeOfPatient } from "../edge-of-patient.ts";

const CONNECT_MS_MAX = 5_000;

/** How peers reach this machine, or could: by what its runner says where one runs, else by the peers to begin with. */
export const checkPeers: Check = {
  name: "peers",
  examine: async (patient, signal) => {
    const settings = await loadSettings({ ...patient, env: process.env }).catch(() => null);
    if (settings?.values["peers.enabled"] === false) return pass("off: the settings say so");
    const report = await askPeers(patient.home).catch(() => null);
    if (report !== null) return judgePeers(report);
    const own = settings?.values["peers.bootstrap"] ?? [];
    return judgeBootstrap(
      await probeAll([...new Set([...own, ...(await askEdge(patient, signal))])], signal),
    );
  },
};

export function judgePeers(report: PeersReport): Finding {
  const { state, reachability, tried, failure } = report;
  const stands = renderPeersState(report);
  if (state === "failed") return warn(`the node ${stands}`, failureFix(failure ?? ""));
  if (state === "alone" && tried.length > 0) return warn(renderAlone(tried), ALONE_FIX);
  return pass(reachability === null ? stands : `${stands}; this machine ${renderReachability(reachability)}`);
}

const failureFix = (failure: string): string =>
  failure.startsWith("cannot listen")
    ? "Set peers.listen to addresses of this machine that are free."
    : "Run `infernet-runner logs` to see more; --no-p2p works without peers.";

export interface ProbedPeer {
  address: PeerAddress;
  /** Null where something answers. */
  reason: string | null;
}

export function judgeBootstrap(probed: readonly ProbedPeer[]): Finding {
  if (probed.length === 0) return pass("nobody names a peer to begin with: it speaks to the edge alone");
  const dead = probed.flatMap(({ address, reason }) => (reason === null ? [] : [{ address, reason }]));
  if (dead.length === probed.length) return warn(renderAlone(dead), ALONE_FIX);
  return pass(`${probed.length - dead.length} of ${probed.length} peers to begin with answer`);
}

/** Of the edge; none where it names none, or cannot be asked: another check says so. */
async function askEdge(patient: Patient, signal: AbortSignal): Promise<PeerAddress[]> {
  const edge = await edgeOfPatient(patient);
  if (edge === null) return [];
  try {
    const response = await fetch(`${edge.replace(/\/+$/, "")}/peers`, { signal, redirect: "error" });
    const told = z.object({ bootstrap: z.array(z.string()) }).parse(await response.json());
    return told.bootstrap.filter((address) => BootstrapAddress.safeParse(address).success);
  } catch {
    return [];
  }
}

const probeAll = (addresses: readonly PeerAddress[], signal: AbortSignal): Promise<ProbedPeer[]> =>
  Promise.all(addresses.map(async (address) => ({ address, reason: await probe(address, signal) })));

/** Whether anything listens there; who it is only a node could find out. */
function probe(address: PeerAddress, signal: AbortSignal): Promise<string | null> {
  const [, , host = "", , port] = address.split("/");
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS_MAX)]);
  const socket = connect({ host, port: Number(port) })
    .once("connect", () => resolve(null))
    .once("error", (error) => resolve(error.message));
  limit.addEventListener("abort", () => resolve("no answer"), { once: true });
  return promise.finally(() => socket.destroy());
}
