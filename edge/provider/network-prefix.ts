import ipaddr from "ipaddr.js";

/** Addresses that mean another machine, or none, to whoever stands elsewhere: to share one says nothing. */
const LOCAL = ["loopback", "private", "linkLocal", "uniqueLocal", "carrierGradeNat", "unspecified"];

/**
 * The network that an address belongs to, as far as one party usually holds it: the /24 of an IPv4 address, the /48 of
 * an IPv6 one (RFC 6177). Null for a local address, and for what is no address.
 */
export function networkPrefix(text: string): string | null {
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  if (LOCAL.includes(address.range())) return null;
  const bytes = address.toByteArray();
  return address.kind() === "ipv4"
    ? `${bytes.slice(0, 3).join(".")}.0/24`
    : `${bytes
        .slice(0, 6)
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("")}/48`;
}
