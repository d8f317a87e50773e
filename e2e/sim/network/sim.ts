import type { DrawSource } from "@infernet/protocol/draw-rules";
import type { RunnerId } from "@infernet/schemas/ids";
import type { VerificationPlan } from "@infernet/schemas/verification";
import type { Adversary } from "../adversary.ts";
import type { Clock } from "../clock.ts";
import type { Machine } from "../fleet/machine.ts";
import type { Random } from "../random.ts";
import type { Tally } from "../tally.ts";
import type { World } from "../world.ts";
import type { Ledger } from "./ledger.ts";
import type { SimJob } from "./sim-job.ts";

/** A network under simulation: what the edge holds in its objects, and the machines around it. */
export interface Sim {
  world: World;
  plan: VerificationPlan;
  clock: Clock;
  /** The edge's luck, the machines' and the cabal's: apart, so that a change in one leaves the others alone. */
  luck: { edge: Random; fleet: Random; cabal: Random };
  tally: Tally;
  mind: Adversary;
  machines: Machine[];
  byId: Map<RunnerId, Machine>;
  ledgers: Map<RunnerId, Ledger>;
  jobs: SimJob[];
  /** Machines that wait for work. */
  parked: Set<Machine>;
  /** Null after a change that everybody has to know at once: a ban. */
  roster: (Pick<DrawSource, "roster" | "digest"> & { until_ms: number }) | null;
  /** The secret of the present epoch; null before the first draw. */
  seed: { epoch: number; bytes: Uint8Array } | null;
  rejoins_left: number;
}

export function machineOf(sim: Sim, id: RunnerId): Machine {
  const machine = sim.byId.get(id);
  if (machine === undefined) throw new Error(`there is no machine ${id}`);
  return machine;
}

export const isReachable = (sim: Sim, machine: Machine): boolean => machine.away_until_ms <= sim.clock.now_ms;
