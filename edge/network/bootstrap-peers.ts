import { listRelays } from "@infernet/db/index/providers";
import { LIMITS } from "@infernet/schemas/limits";
import { BootstrapAddress, parseBootstrapList } from "@infernet/schemas/peer/bootstrap";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";

/** Relays that are named besides: each with one address. */
const RELAYS_MAX = 8;

/**
 * Whom a peer can begin with: those of `PEERS`, and after them registered providers that relay, best score first, so that it takes
 * more than registering to lead newcomers astray. An index that is away costs those alone.
 */
export async function listBootstrap(
  env: Pick<Env, "PEERS" | "INDEX">,
  now_ms: number,
): Promise<PeerAddress[]> {
  const relays = await listRelays(env.INDEX, now_ms, RELAYS_MAX).catch(() => []);
  const reached = relays.flatMap((addresses) => {
    const usable = addresses.filter((address) => BootstrapAddress.safeParse(address).success);
    return usable.slice(0, 1);
  });
  return [...new Set([...bootstrapPeers(env), ...reached])].slice(0, LIMITS.bootstrap_peers_max);
}

/** The addresses of `PEERS`; what is wrong with the rest of it is left to `bootstrapFaults`. */
const bootstrapPeers = ({ PEERS = "" }: Pick<Env, "PEERS">): PeerAddress[] =>
  parseBootstrapList(PEERS).addresses;

/** What in `PEERS` cannot be used, one sentence each. */
export const bootstrapFaults = ({ PEERS = "" }: Pick<Env, "PEERS">): string[] =>
  parseBootstrapList(PEERS).faults.map((fault) => `PEERS: ${fault}.`);
