import { hmacSha256 } from "@infernet/schemas/hash";
import type { RunnerRegistration } from "@infernet/schemas/runner";
import { base64urlnopad } from "@scure/base";
import { loadNetworkKey } from "../network/network-key.ts";
import { networkPrefix } from "./network-prefix.ts";

const TAG_BYTES = 16;

/**
 * What a runner has in common with others as opaque tags, which stand in receipts: owner, payout address, and the prefix
 * of the network that it calls from. HMACs under a key of the deployment's own, so nobody can try names or addresses.
 *
 * @param address where the request came from; null when that is not known
 */
export async function groupTags(
  env: Pick<Env, "NETWORK_PRIVATE_KEY">,
  { owner, payout }: Pick<RunnerRegistration, "owner" | "payout">,
  address: string | null,
): Promise<string[]> {
  const key = await (await loadNetworkKey(env)).derive("groups");
  const prefix = address === null ? null : networkPrefix(address);
  const shared = [
    ["owner", owner === undefined ? null : normalize(owner)],
    ["payout", payout === undefined ? null : normalize(payout)],
    ["network", prefix],
  ] as const;
  return shared.flatMap(([kind, value]) =>
    value === null ? [] : [renderTag(hmacSha256(key, new TextEncoder().encode(`${kind} ${value}`)))],
  );
}

/** Spelling makes no two owners of one. */
const normalize = (name: string): string => name.normalize("NFKC").trim().toLowerCase();

const renderTag = (mac: Uint8Array): string => base64urlnopad.encode(mac.slice(0, TAG_BYTES));
