import type { Cleanup } from "../cleanup.ts";
import type { EdgeSite } from "../edge-process.ts";
import type { LabMachine } from "./lab.ts";
import { openGate } from "./open-gate.ts";

/** A machine of the lab as the place of an edge: its neighbours reach it by its address, who holds the lab by a gate. */
export const edgeSite = (machine: LabMachine, cleanup: Cleanup): EdgeSite => ({
  host: machine.inside,
  start: machine.start,
  reach: (port) => openGate(machine, port, cleanup),
});
