import type { RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import { isNew } from "./credibility.ts";
import type { JobProgress, ShardProgress } from "./job-progress.ts";
import { isAccepted } from "./shard-state.ts";

interface TestRequest {
  runner: RunnerId;
  passed: number;
  /** From 0 to below 1, at random. */
  chance: number;
}

/** Of all tests, the share that looks like an audit and not like a shard. */
const PLANT_SHARE = 0.5;

/**
 * A shard with a known answer, given again whole: to its runner it is work like any other. What is known is what other
 * providers have computed and checked before; the answer is compared with it, and a difference goes to a referee.
 */
export function chooseProbe(progress: JobProgress, request: TestRequest): Task | null {
  const rate = testRate(progress, request);
  return request.chance < rate ? chooseTest(progress, request, request.chance / rate, "probe") : null;
}

/**
 * Rows with a known answer that come like an audit: they test the auditor. An auditor that says what it was told to, or
 * nothing that it computed, differs from them.
 */
export function choosePlant(progress: JobProgress, request: TestRequest): Task | null {
  const rate = testRate(progress, request);
  const from = 1 - PLANT_SHARE * rate;
  return request.chance >= from
    ? chooseTest(progress, request, (request.chance - from) / (1 - from), "plant")
    : null;
}

function testRate(progress: JobProgress, { runner, passed }: TestRequest): number {
  if (progress.plan.verification.mode === "none") return 0;
  const inJob = progress.providers.get(runner)?.audits_passed ?? 0;
  return isNew(passed + inJob) ? LIMITS.probe_share_probation : LIMITS.probe_share;
}

function chooseTest(
  progress: JobProgress,
  { runner }: TestRequest,
  chance: number,
  role: "probe" | "plant",
): Task | null {
  const fitting: number[] = [];
  for (const [index, shard] of progress.shards.entries()) if (fits(shard, runner)) fitting.push(index);
  const shard = fitting[Math.min(fitting.length - 1, Math.floor(chance * fitting.length))];
  return shard === undefined ? null : { shard, role, of: null };
}

const fits = (shard: ShardProgress, runner: RunnerId): boolean =>
  isAccepted(shard) &&
  shard.answer?.runner !== runner &&
  !shard.checks.some((check) => check.runner === runner);
