import { z } from "zod";
import { LIMITS } from "../limits.ts";
import { PeerIdText } from "./peer-id-text.ts";
import { PeerAddress } from "./peer-record.ts";

const PORT_MAX = 65_535;
const HOSTS = {
  ip4: z.ipv4(),
  ip6: z.ipv6(),
  dns: z.hostname(),
  dns4: z.hostname(),
  dns6: z.hostname(),
} as const;
const WAYS = new Set(["", "ws", "wss", "tls/ws"]);

/**
 * Where a peer is and who it is: `/ip4/203.0.113.7/tcp/4801/p2p/12D3KooW...`, or with `/ws`, `/wss` or `/tls/ws` after the port,
 * or a name after `/dns`, `/dns4` or `/dns6`.
 */
export const BootstrapAddress = PeerAddress.refine(isBootstrapAddress, {
  error: "must be an address and a key, as in /ip4/203.0.113.7/tcp/4801/p2p/12D3KooW...",
}).meta({ id: "BootstrapAddress" });

function isBootstrapAddress(text: string): boolean {
  const [empty, kind = "", host, tcp, port = "", ...rest] = text.split("/");
  const id = rest.pop() ?? "";
  const p2p = rest.pop();
  return (
    empty === "" &&
    kind in HOSTS &&
    HOSTS[kind as keyof typeof HOSTS].safeParse(host).success &&
    tcp === "tcp" &&
    /^\d{1,5}$/.test(port) &&
    Number(port) >= 1 &&
    Number(port) <= PORT_MAX &&
    WAYS.has(rest.join("/")) &&
    p2p === "p2p" &&
    PeerIdText.safeParse(id).success
  );
}

/** Whom a peer can begin with. */
export const Peers = z
  .strictObject({
    object: z.literal("peers"),
    bootstrap: z.array(BootstrapAddress).max(LIMITS.bootstrap_peers_max),
  })
  .meta({ id: "Peers" });
export type Peers = z.infer<typeof Peers>;

/** A list as operators write it, separated by commas: the addresses in it, and what is wrong with the rest, one sentence each. */
export function parseBootstrapList(text: string): { addresses: PeerAddress[]; faults: string[] } {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const addresses = [...new Set(parts.filter((part) => BootstrapAddress.safeParse(part).success))];
  const faults = parts.flatMap((part) => {
    const parsed = BootstrapAddress.safeParse(part);
    return parsed.success ? [] : [`"${shorten(part)}" ${parsed.error.issues[0]?.message}`];
  });
  const { bootstrap_peers_max } = LIMITS;
  if (addresses.length > bootstrap_peers_max)
    faults.push(`${addresses.length} addresses are listed; the first ${bootstrap_peers_max} are used`);
  return { addresses: addresses.slice(0, bootstrap_peers_max), faults };
}

const SHOWN_CHARS = 100;
const shorten = (text: string): string =>
  text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}...` : text;
