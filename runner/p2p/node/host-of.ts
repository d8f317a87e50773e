import type { Multiaddr } from "@multiformats/multiaddr";

const HOST_CODES = new Set(["ip4", "ip6", "dns", "dns4", "dns6"]);
/** What one subscriber is given of IPv6 (RFC 6177 leaves it at least that). */
const IP6_GROUPS = 4;

/** Who limits are counted for: an IPv4 address, or the /64 of an IPv6 one; null where an address names no host. */
export function hostOf(address: Multiaddr): string | null {
  const host = address.getComponents().find(({ name }) => HOST_CODES.has(name));
  if (host?.value === undefined) return null;
  if (host.name !== "ip6") return host.value;
  const groups = spelled(host.value);
  return mappedIn(groups) ?? `${groups.slice(0, IP6_GROUPS).join(":")}::/64`;
}

/** The eight groups of an address, without the short forms (RFC 5952). */
function spelled(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array.from({ length: Math.max(0, missing) }, () => "0"), ...last].map((group) =>
    group.replace(/^0+(?=.)/, "").toLowerCase(),
  );
}

/** The IPv4 address that an IPv6 one stands for (RFC 4291, 2.5.5.2), as sockets for both have it. */
function mappedIn(groups: readonly string[]): string | null {
  if (groups.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") return null;
  const bytes = groups.slice(6).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join(".");
}

/** Whether an address leads by way of another peer. */
export const isRelayed = (address: Multiaddr): boolean =>
  address.getComponents().some(({ name }) => name === "p2p-circuit");
