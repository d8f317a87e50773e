/**
 * What stands between a machine and the others, in the words of RFC 4787.
 * `none`: nothing, its address is everybody's. `full_cone`: one mapping for all destinations, and who knows it comes in
 * (a port forward; here of every port).
 * `port_restricted`: one mapping for all destinations, but only whom the machine has written to comes in.
 * `symmetric`: each destination is shown another port, so that no mapping learned from one is of use to another.
 * `no_inbound`: an address of its own behind a firewall that lets nobody begin.
 */
export type NatKind = "none" | "full_cone" | "port_restricted" | "symmetric" | "no_inbound";

/** Shell lines that make a router of the namespace they run in: `wan` is the way to the internet, `lan` the one home. */
export function natRules(kind: Exclude<NatKind, "none" | "no_inbound">, inside: string): string[] {
  // What begins outside and belongs to nothing is dropped, as home routers do: a refusal would end a hole punch.
  const closed = [...onlyAnswers("INPUT", "wan"), ...onlyAnswers("FORWARD", "wan")];
  switch (kind) {
    case "full_cone":
      return [
        "iptables -t nat -A POSTROUTING -o wan -j MASQUERADE",
        `iptables -t nat -A PREROUTING -i wan -j DNAT --to-destination ${inside}`,
      ];
    case "port_restricted":
      return ["iptables -t nat -A POSTROUTING -o wan -j MASQUERADE", ...closed];
    case "symmetric":
      return ["iptables -t nat -A POSTROUTING -o wan -p tcp -j MASQUERADE --random-fully", ...closed];
  }
}

/** Shell lines for a chain that takes what answers something, and drops the rest that comes in by the interface. */
export const onlyAnswers = (chain: "INPUT" | "FORWARD", from: string): string[] => [
  `iptables -A ${chain} -i ${from} -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`,
  `iptables -A ${chain} -i ${from} -j DROP`,
];
