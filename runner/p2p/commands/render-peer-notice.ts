import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { RUNNER_VERSION } from "../../runner.ts";

/** Addresses of this machine alone. */
const OWN = /^\/(ip4\/127\.|ip6\/::1\/)/;

/** What the operator of a peer is told when it is up: above all what to give to others. */
export function renderPeerNotice({
  id,
  home,
  addresses,
}: {
  id: RunnerId;
  home: string;
  addresses: readonly PeerAddress[];
}): string {
  const isLone = addresses.every((address) => OWN.test(address));
  return [
    `infernet-runner ${RUNNER_VERSION}, a peer for others to begin with`,
    `id       ${id}`,
    `home     ${home}`,
    "Others begin with any of these: an edge by its variable PEERS, a runner by its setting peers.bootstrap.",
    ...addresses.map((address) => `  ${address}`),
    ...(isLone
      ? ["Only this machine reaches them: --listen /ip4/0.0.0.0/tcp/4801 listens on every network."]
      : []),
    "stop     Ctrl-C; a second one quits",
    "",
  ].join("\n");
}
