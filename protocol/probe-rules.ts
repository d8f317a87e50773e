import type { RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import { isNew } from "./credibility.ts";
import { type JobProgress, type ShardProgress, shardAt } from "./job-progress.ts";
import { isAccepted, passedInJob } from "./shard-state.ts";

interface TestRequest {
  runner: RunnerId;
  passed: number;
  /** From 0 to below 1, at random. */
  chance: number;
}

/** Tests that look like an audit, for each that looks like a shard. */
const PLANTS_PER_PROBE = 0.5;

/**
 * A test for a runner that is about to get `leases` shards, or null. A probe is an answered shard given again whole: to
 * its runner it is work like any other. A plant is rows of one, and comes like an audit: an auditor that says what it was
 * told to, or nothing that it computed, differs from them. What is known is what others have computed and checked; a
 * difference goes to a referee.
 */
export function chooseTest(progress: JobProgress, request: TestRequest, leases: number): Task | null {
  const probes = leases * testRate(progress, request);
  const plants = probes * PLANTS_PER_PROBE;
  const { chance } = request;
  if (chance < probes) return pickAnswered(progress, request, chance / probes, "probe");
  if (chance < probes + plants) return pickAnswered(progress, request, (chance - probes) / plants, "plant");
  return null;
}

/** The share of all that a runner gets which is given to test it. */
function testRate(progress: JobProgress, { runner, passed }: TestRequest): number {
  if (progress.plan.verification.mode === "none") return 0;
  return isNew(passed + passedInJob(progress, runner)) ? LIMITS.probe_share_probation : LIMITS.probe_share;
}

/** The first shard that fits from a random one on. @param chance from 0 to below 1 */
function pickAnswered(
  progress: JobProgress,
  { runner }: TestRequest,
  chance: number,
  role: "probe" | "plant",
): Task | null {
  const { length } = progress.shards;
  const first = Math.floor(chance * length);
  for (let n = 0; n < length; n += 1) {
    const shard = (first + n) % length;
    if (fits(progress, shard, runner)) return { shard, role, of: null };
  }
  return null;
}

/** Whether a shard's answer is known well enough to test a runner, which must never have seen the shard. */
function fits(progress: JobProgress, index: number, runner: RunnerId): boolean {
  const shard = shardAt(progress.shards, index);
  return (
    isAccepted(shard) &&
    !isParty(progress, shard, runner) &&
    progress.grants.last(runner, index, progress.seq) === undefined
  );
}

function isParty({ known }: JobProgress, { answer, checks }: ShardProgress, runner: RunnerId): boolean {
  if (answer === null || answer.runner === runner) return true;
  const groups = known.get(runner)?.groups ?? [];
  const shared = known.get(answer.runner)?.groups.some((group) => groups.includes(group)) ?? false;
  return shared || checks.some((check) => check.runner === runner);
}
