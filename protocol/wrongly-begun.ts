import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { Comparison } from "@infernet/schemas/verification";
import type { Check } from "./job-progress.ts";

type Beginning = NonNullable<Comparison["begun"]>[number];

/** What was delivered of a completion that the rules do not choose, as both who finished it and who checked it say. */
const wronglyBegun = (comparisons: readonly Comparison[]): Beginning[] =>
  comparisons.flatMap(({ begun = [] }) => begun.filter(({ zone }) => zone === "fraud"));

/** The leases under which that was delivered, by the checks that agreed with the answer. */
export const listWronglyBegun = (checks: readonly Check[]): Set<LeaseId> =>
  new Set(
    checks
      .filter(({ outcome }) => outcome === "passed")
      .flatMap(({ comparisons }) => wronglyBegun(comparisons).map(({ lease_id }) => lease_id)),
  );

/** Who delivered it, once each. */
export const listWrongBeginners = (comparisons: readonly Comparison[]): RunnerId[] => [
  ...new Set(wronglyBegun(comparisons).map(({ runner }) => runner)),
];
