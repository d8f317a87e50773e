import { formatRunnerId } from "@infernet/schemas/ids";
import { createAdversary as createLyingReferee } from "../adversaries/lying-referee.ts";
import type { Adversary } from "../adversary.ts";
import { createRandom, type Random, shuffle } from "../random.ts";
import { REFEREES, type World } from "../world.ts";
import { createMachine, type Machine } from "./machine.ts";

/** The machines of a world: workers, some of them the adversary's, and the referees that the operator trusts. */
export function createFleet(world: World, mind: Adversary): Machine[] {
  const random = createRandom(world.seed, "fleet");
  const ranks = shuffle(
    random,
    Array.from({ length: world.workers }, (_, rank) => rank),
  );
  const fleet = ranks.map((rank) =>
    rank < world.cabal ? createMember(mind, rank, random) : createHonest(rank, random, false),
  );
  if (world.referees === "none") return fleet;
  for (let n = 0; n < REFEREES; n += 1) {
    const lies = world.referees === "one_lies" && n === 0;
    const referee = createHonest(world.workers + n, random, true);
    fleet.push(lies ? { ...referee, mind: createLyingReferee(), isHonest: false } : referee);
  }
  return fleet;
}

/** A machine of the cabal, or a new name for one. Nothing that the edge sees connects it with its friends. */
export function createMember(mind: Adversary, index: number, random: Random): Machine {
  const member = { index, answers: 0, checks: 0, passed: 0 };
  return createMachine({
    ...describe(random),
    index,
    referee: false,
    mind,
    isHonest: mind.isHonest === true,
    row_us: speed(random) * (mind.slowness ?? 1),
    drift: mind.drift?.(member, random) ?? 0,
  });
}

const createHonest = (index: number, random: Random, referee: boolean): Machine =>
  createMachine({
    ...describe(random),
    index,
    referee,
    mind: null,
    isHonest: true,
    row_us: speed(random),
    drift: 0,
  });

/** A key, and an owner and a network that no other machine has. */
function describe(random: Random) {
  const key = Uint8Array.from({ length: 32 }, () => random.below(256));
  const id = formatRunnerId(key);
  return { id, groups: [`own_${id.slice(4, 24)}`, `net_${id.slice(24, 44)}`] };
}

/** Times as long as the manifest says, from 0.7 to 1.4. */
const speed = (random: Random): number => 0.7 * 2 ** random.next();
