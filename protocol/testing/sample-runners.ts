import type { RosterEntry } from "@infernet/schemas/verification";
import { sampleRunner } from "./sample-ids.ts";

export const ann = sampleRunner(0);
export const bob = sampleRunner(1);
export const cid = sampleRunner(2);
export const dan = sampleRunner(3);
export const eve = sampleRunner(4);
/** The operator's own. */
export const ref = sampleRunner(31);

/** Audits that a runner has passed which nobody calls new. */
export const VETERAN = 100;

/** A runner as a roster has it: an old hand with no friends, unless said otherwise. */
export const entryOf = (id: RosterEntry["id"], rest: Partial<RosterEntry> = {}): RosterEntry => ({
  id,
  weight: 1,
  groups: [],
  passed: VETERAN,
  referee: false,
  ...rest,
});
