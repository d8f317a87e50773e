/**
 * How others come to this machine. `direct`: by an address of its own. `hole_punched`: at least one peer came through a NAT by DCUtR.
 * `relayed`: only by way of a relay. `outbound`: not at all; it goes to others. `unknown`: nobody has tried yet.
 */
export type Reachability = "direct" | "hole_punched" | "relayed" | "outbound" | "unknown";
