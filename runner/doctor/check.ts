import type { Network } from "@infernet/schemas/network";

/** `warn`: it works, and could work better. `fail`: nothing can be earned until it is mended. */
export type Status = "pass" | "warn" | "fail";

/** What one check found, in a sentence without its full stop, and what the owner can do about it. */
export interface Finding {
  status: Status;
  detail: string;
  /** Null where there is nothing to mend. */
  fix: string | null;
}

export const pass = (detail: string): Finding => ({ status: "pass", detail, fix: null });
export const warn = (detail: string, fix: string): Finding => ({ status: "warn", detail, fix });
export const fail = (detail: string, fix: string): Finding => ({ status: "fail", detail, fix });

/** What a machine's doctor looks at. */
export interface Patient {
  home: string;
  config: string | undefined;
  /** The edge that a flag names; undefined: the one in the settings. */
  edge: string | undefined;
  /** What the edge says of itself: asked once, for all checks that want it. */
  askNetwork: () => Promise<NetworkAnswer>;
}

/** `offset_ms`: how far the edge's clock is ahead of this machine's. */
export type NetworkAnswer =
  | { kind: "network"; network: Network; latency_ms: number; offset_ms: number }
  | { kind: "none"; detail: string }
  | { kind: "unset" };

export interface Check {
  /** What is checked, in a word or two. */
  name: string;
  examine(patient: Patient, signal: AbortSignal): Promise<Finding>;
}
