import type { Tally } from "../tally.ts";
import type { World } from "../world.ts";
import { runBoinc } from "./boinc.ts";
import { runProofOfSampling } from "./proof-of-sampling.ts";
import { runQuorum } from "./quorum.ts";
import { runSarmenta } from "./sarmenta.ts";

/** What others do, with the same machines, minds and counts. */
export const SCHEMES = {
  "quorum-2": { title: "Quorum of 2, assigned together", run: runQuorum },
  boinc: { title: "BOINC adaptive replication", run: runBoinc },
  "proof-of-sampling": { title: "Proof of Sampling, p = 0.1", run: runProofOfSampling },
  sarmenta: { title: "Sarmenta, q = 0.1, eps = 1e-3", run: runSarmenta },
} satisfies Record<string, { title: string; run: (world: World) => Tally }>;

export type SchemeName = keyof typeof SCHEMES;
