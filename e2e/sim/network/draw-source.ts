import { hash } from "node:crypto";
import { rosterDigest } from "@infernet/protocol/apply-draws";
import type { DrawSource } from "@infernet/protocol/draw-rules";
import { LIMITS } from "@infernet/schemas/limits";
import type { Roster } from "@infernet/schemas/verification";
import { passedIn } from "./ledger.ts";
import { isReachable, type Sim } from "./sim.ts";

/** What a draw of now is made from: everybody who polls and is not banned, by id, and the epoch's secret seed. */
export function findDrawSource(sim: Sim): DrawSource {
  const now_ms = sim.clock.now_ms;
  if (sim.roster === null || sim.roster.until_ms <= now_ms) {
    const roster = listRoster(sim);
    sim.roster = { roster, digest: rosterDigest(roster), until_ms: now_ms + LIMITS.roster_age_ms_max };
  }
  const epoch = Math.floor(now_ms / LIMITS.epoch_ms_default);
  return { roster: sim.roster.roster, digest: sim.roster.digest, epoch, seed: seedOf(sim, epoch) };
}

function listRoster(sim: Sim): Roster {
  const runners = sim.machines
    .filter((machine) => !machine.isBanned && isReachable(sim, machine))
    .map(({ id, groups, referee }) => {
      const ledger = sim.ledgers.get(id);
      return {
        id,
        weight: 1,
        groups: [...groups],
        passed: ledger ? passedIn(ledger, sim.clock.now_ms) : 0,
        referee,
      };
    });
  return { runners: runners.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** 32 bytes, made once an epoch. */
function seedOf(sim: Sim, epoch: number): Uint8Array {
  if (sim.seed?.epoch !== epoch)
    sim.seed = { epoch, bytes: hash("sha256", `${sim.world.seed} epoch ${epoch}`, "buffer") };
  return sim.seed.bytes;
}
