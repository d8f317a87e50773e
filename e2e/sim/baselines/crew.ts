import { type Adversary, coverFriend, type Member } from "../adversary.ts";
import { createRandom, type Random } from "../random.ts";
import { countWrong, RIGHT, type Said } from "../said.ts";
import { createTally, type Tally } from "../tally.ts";
import type { World } from "../world.ts";

/** A worker of a scheme that is simulated shard by shard, without a clock. */
export interface Worker {
  mind: Adversary | null;
  member: Member;
  isEjected: boolean;
}

/** What the schemes have in common with the protocol's network: the same minds, the same shards, the same counts. */
export interface Crew {
  world: World;
  random: Random;
  workers: Worker[];
  tally: Tally;
  /** Has a worker compute a shard. */
  ask: (worker: Worker, shard: number, seen?: Seen) => Said;
  /** Some workers that are not ejected, none twice, none of `but`. */
  pick: (count: number, but?: readonly Worker[]) => Worker[];
  eject: (worker: Worker) => void;
  /** What the client gets for a shard. */
  deliver: (said: Said) => void;
}

interface Seen {
  /** What a friend said about the shard before. */
  friend?: Said | null;
  checkers?: { ours: number; others: number };
  /** Whether the worker can see that it checks another. */
  isCheck?: boolean;
}

export const sameSaid = (a: Said, b: Said): boolean => a.lie?.id === b.lie?.id;

export function createCrew(world: World): Crew {
  const mind = world.createAdversary();
  const random = createRandom(world.seed, "scheme");
  const tally = createTally();
  const workers = Array.from(
    { length: world.workers },
    (_, index): Worker => ({
      mind: index < world.cabal ? mind : null,
      member: { index, answers: 0, checks: 0, passed: 0 },
      isEjected: false,
    }),
  );
  tally.liars = mind.isHonest ? 0 : world.cabal;

  function ask(
    { mind: own, member }: Worker,
    shard: number,
    { friend = null, checkers, isCheck }: Seen = {},
  ): Said {
    tally.rows_computed += world.shard_rows;
    member.answers += 1;
    if (own === null) {
      tally.honest_executions += 1;
      return RIGHT;
    }
    if (friend !== null) return friend;
    const { jobs, shards_per_job, shard_rows } = world;
    const job = Math.floor(shard / shards_per_job);
    const asked = { member, job, jobs, shard, shard_rows, scattered: false, friend, random };
    const act = isCheck
      ? (own.check ?? coverFriend)({ ...asked, checkers: null })
      : own.answer({ ...asked, checkers: checkers ?? null });
    if (act.kind === "repeat") return act.said;
    return act.kind === "lie" ? { lie: act.lie, drift: 0 } : RIGHT;
  }

  function pick(count: number, but: readonly Worker[] = []): Worker[] {
    const picked: Worker[] = [];
    for (let tries = 0; picked.length < count && tries < 10_000; tries += 1) {
      const worker = workers[random.below(workers.length)];
      if (worker && !worker.isEjected && !picked.includes(worker) && !but.includes(worker))
        picked.push(worker);
    }
    return picked;
  }

  function eject(worker: Worker): void {
    worker.isEjected = true;
    if (worker.mind === null) tally.honest_slashed += 1;
    else tally.liars_ejected += 1;
  }

  function deliver(said: Said): void {
    const wrong = countWrong(said, world.shard_rows);
    tally.shards += 1;
    tally.rows += world.shard_rows;
    tally.wrong_rows_delivered += wrong;
    tally.wrong_rows_final += wrong;
    if (wrong === 0) return;
    tally.wrong_delivered += 1;
    tally.wrong_final += 1;
  }

  return { world, random, workers, tally, ask, pick, eject, deliver };
}

/** Votes until two agree, at most `most` of them. @param first votes that are there already */
export function voteUntilTwo(
  { ask, pick }: Crew,
  shard: number,
  first: readonly { worker: Worker; said: Said }[],
  most = 15,
): { said: Said; votes: { worker: Worker; said: Said }[] } {
  const votes = [...first];
  for (;;) {
    const said = votes.find((a, n) => votes.some((b, m) => m > n && sameSaid(a.said, b.said)))?.said;
    if (said !== undefined) return { said, votes };
    const [worker] =
      votes.length < most
        ? pick(
            1,
            votes.map((vote) => vote.worker),
          )
        : [];
    if (worker === undefined) return { said: votes[0]?.said ?? RIGHT, votes };
    votes.push({ worker, said: ask(worker, shard, { friend: friendIn(votes) }) });
  }
}

/** What a member of the cabal said among these votes. */
export const friendIn = (votes: readonly { worker: Worker; said: Said }[]): Said | null =>
  votes.find(({ worker }) => worker.mind !== null)?.said ?? null;
